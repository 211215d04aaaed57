// Package unbuilt has table structs where nothing sees them.
package unbuilt
