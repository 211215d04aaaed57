//go:build !unix

package main

import "time"

var start = time.Now()

// cpuTime returns the time since the start: the processor time of a process is
// not to be had portably here.
func cpuTime() (time.Duration, error) { return time.Since(start), nil }
