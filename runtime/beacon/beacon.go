// Package beacon computes the searchable side of encrypted items: standard,
// compound and signed beacons, virtual fields and partitions. It works on
// canonical bytes and text alone, and reads no network and no AWS type.
package beacon
