package containers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// process names a process for good: a pid alone is given to another process sooner or later.
type process struct {
	host    string
	pid     int
	started string // as startTime says it; empty where it cannot tell
}

// self is the process that runs the tests.
var self = sync.OnceValue(func() process {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	started, _ := startTime(os.Getpid())
	return process{host: host, pid: os.Getpid(), started: started}
})

// gone tells whether p ran on this machine and no longer does. What cannot be known is taken to be alive: a server that stays
// costs memory, one that is removed costs somebody's test run.
func (p process) gone() bool {
	if p.host != self().host {
		return false
	}
	started, known := startTime(p.pid)
	return known && started != p.started
}

// startTime says when a process started, in a form that only it will ever have on this machine. An empty text that is known
// means that there is no such process.
func startTime(pid int) (text string, known bool) {
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		return linuxStartTime(pid), true
	}
	// Elsewhere ps tells, to the second.
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		return "", false
	}
	return strings.Join(strings.Fields(string(out)), " "), true
}

// linuxStartTime counts in ticks since boot, hence the boot's own name beside it.
func linuxStartTime(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is the program's name in parentheses and may hold anything, parentheses and spaces too.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		// A zombie has ended, whether or not its parent has asked.
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		boot = nil
	}
	return fields[19] + "@" + strings.TrimSpace(string(boot))
}
