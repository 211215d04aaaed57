// Package abi holds the one number that the generator and the runtime share:
// the contract between a generated file and the runtime that it calls. It is
// raised when a generated file of the older kind would no longer compile or
// would no longer mean the same.
package abi

// Generated is the contract that the generator of this module writes into its
// files; the runtime says in its own constants which contracts it serves.
const Generated = 1
