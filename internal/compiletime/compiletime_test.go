package compiletime

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What an entity may cost: functions that are compiled for it, their bytes, and
// kilobytes of the package's archive. It was 2,650, 635,000 and 9,800 when every
// method held its own body, and the time went with it.
const (
	mostFunctions = 1_950
	mostText      = 290_000
	mostArchive   = 7_200
)

func TestAnEntityIsCheapToCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a program")
	}
	const entities = 4
	archive := build(t, program(entities))
	functions, text := measure(t, archive)
	info, err := os.Stat(archive)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("an entity: %d functions, %d bytes, archive %d KB", functions/entities, text/entities, info.Size()/entities/1000)
	for _, c := range []struct {
		what      string
		got, most int
	}{
		{"functions", functions / entities, mostFunctions},
		{"bytes of functions", text / entities, mostText},
		{"kilobytes of archive", int(info.Size()) / entities / 1000, mostArchive},
	} {
		if c.got > c.most {
			t.Errorf("%s for each entity: %d, at most %d: have the methods of generic types call what has no type parameters", c.what, c.got, c.most)
		}
		if c.got < c.most/3 {
			t.Errorf("%s for each entity: %d, far below %d: the measurement has lost its object, or the limit can be lowered", c.what, c.got, c.most)
		}
	}
}

// build compiles source as a package of this module, which it stands in by an overlay.
func build(t *testing.T, source string) (archive string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "program.go")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("program")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(here, "program.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(config, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	archive = filepath.Join(dir, "program.a")
	// Race detection and coverage, of the test itself, would add code.
	if out, err := exec.Command("go", "build", "-race=false", "-overlay", config, "-o", archive, "./program").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return archive
}

// measure counts the functions of an archive and their bytes.
func measure(t *testing.T, archive string) (functions, text int) {
	t.Helper()
	out, err := exec.Command("go", "tool", "nm", "-size", archive).Output()
	if err != nil {
		t.Fatalf("go tool nm: %v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text()) // address, size, kind, name
		if len(f) < 4 || f[2] != "T" && f[2] != "t" {
			continue
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatalf("go tool nm: %q", lines.Text())
		}
		functions, text = functions+1, text+n
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return functions, text
}
