package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// quiet keeps out figures that were taken while something else worked on the same machine. Two servers of different
// design suffer differently from that, so not even their ratio would mean anything.
type quiet struct {
	limit   float64       // the share of the processors that everything else may use
	left    time.Duration // how long all the waiting may still take
	dropped int           // repetitions that were thrown away
	worst   float64       // the highest share in what was kept
}

// undisturbed waits for a quiet moment and measures, again and again until the moment was quiet to its end. When its
// patience is at an end it takes what comes.
func (q *quiet) undisturbed(ctx context.Context, measure func() (result, error)) (result, error) {
	for {
		if err := q.wait(ctx); err != nil {
			return result{}, err
		}
		began := time.Now()
		r, err := measure()
		if err != nil {
			return r, err
		}
		if r.others <= q.limit || q.left <= 0 {
			q.worst = max(q.worst, r.others)
			return r, nil
		}
		q.dropped++
		q.left -= time.Since(began)
	}
}

// wait returns when nothing else has worked for a second.
func (q *quiet) wait(ctx context.Context) error {
	for said := false; q.left > 0; said = true {
		before, err := busy()
		if err != nil {
			return err
		}
		own := ownTime()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		after, err := busy()
		if err != nil {
			return err
		}
		if share(after-before-(ownTime()-own), time.Second) <= q.limit {
			return nil
		}
		if q.left -= time.Second; !said {
			log.Printf("waiting for the machine to be quiet")
		}
	}
	return ctx.Err()
}

func (q *quiet) String() string {
	return fmt.Sprintf("%d repetitions were thrown away because something else used more than %.0f%% of the processors; in those that were kept it was %.0f%% at most.",
		q.dropped, 100*q.limit, 100*q.worst)
}

// share is a time on the processors as a part of what there was.
func share(used, of time.Duration) float64 {
	return max(0, used.Seconds()/of.Seconds()/float64(runtime.NumCPU()))
}

// busy is the time that all processors have worked since the machine started, what the host took away included; see
// proc_stat(5).
func busy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var user, nice, system, idle, iowait, irq, softirq, steal int64
	_, err = fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal)
	return time.Duration(user+nice+system+irq+softirq+steal) * tick, err
}

// tick is the unit in which the kernel counts time on processors in /proc.
const tick = 10 * time.Millisecond

// ownTime is the time that this program has worked.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
