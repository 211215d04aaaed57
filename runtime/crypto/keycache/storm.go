package keycache

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Limits are the parameters of a [Storm] cache. Zero stands for the default.
type Limits struct {
	// Capacity is the number of keys that are kept. Default 1000.
	Capacity int
	// GracePeriod is the time before its end in which a key is loaded again in the
	// background. Default 10 s.
	GracePeriod time.Duration
	// GraceInterval is the least time between the beginnings of two loads of one
	// key if the first has failed. Default 1 s, at most GracePeriod and InFlightTTL.
	GraceInterval time.Duration
	// FanOut is the number of loads that may run at one time. Default 20.
	FanOut int
	// InFlightTTL is the longest time that a load may take, from the call that
	// asks for it. Default 10 s, at most GracePeriod.
	InFlightTTL time.Duration
}

// DefaultLimits returns the defaults as AWS's clients have them. (The text of the
// specification gives 20 s for the in-flight TTL; the clients use 10 s.)
func DefaultLimits() Limits {
	return Limits{
		Capacity:      1000,
		GracePeriod:   10 * time.Second,
		GraceInterval: time.Second,
		FanOut:        20,
		InFlightTTL:   10 * time.Second,
	}
}

// LimitsFor returns the defaults, with times short enough for keys that live for
// ttl: the grace period is at most half of it.
func LimitsFor(ttl time.Duration) Limits {
	l := DefaultLimits()
	l.GracePeriod = min(l.GracePeriod, ttl/2)
	l.InFlightTTL = min(l.InFlightTTL, l.GracePeriod)
	l.GraceInterval = min(l.GraceInterval, l.InFlightTTL)
	return l
}

// Storm returns a cache that keeps many callers from becoming many calls. It
// returns an error if a limit is negative or contradicts another one.
func Storm(l Limits) (*Cache, error) {
	if l.Capacity < 0 || l.GracePeriod < 0 || l.GraceInterval < 0 || l.FanOut < 0 || l.InFlightTTL < 0 {
		return nil, errors.New("limit of key cache is negative; zero stands for the default")
	}
	d := DefaultLimits()
	l.Capacity = cmp.Or(l.Capacity, d.Capacity)
	l.GracePeriod = cmp.Or(l.GracePeriod, d.GracePeriod)
	l.GraceInterval = cmp.Or(l.GraceInterval, d.GraceInterval)
	l.FanOut = cmp.Or(l.FanOut, d.FanOut)
	l.InFlightTTL = cmp.Or(l.InFlightTTL, d.InFlightTTL)
	switch {
	case l.GraceInterval > l.GracePeriod:
		return nil, fmt.Errorf("grace interval %v of key cache exceeds its grace period %v", l.GraceInterval, l.GracePeriod)
	case l.InFlightTTL > l.GracePeriod:
		return nil, fmt.Errorf("in-flight TTL %v of key cache exceeds its grace period %v", l.InFlightTTL, l.GracePeriod)
	case l.GraceInterval > l.InFlightTTL:
		return nil, fmt.Errorf("grace interval %v of key cache exceeds its in-flight TTL %v", l.GraceInterval, l.InFlightTTL)
	}
	return newCache(l), nil
}

// Default returns a [Storm] cache with [DefaultLimits].
func Default() *Cache { return newCache(DefaultLimits()) }
