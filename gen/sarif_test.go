package gen_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/lock"
)

// TestSARIFIsValid holds a report to what the schema of SARIF 2.1.0 requires of
// the objects that are in it, and to what its text says about their values.
func TestSARIFIsValid(t *testing.T) {
	dir, diagnostics, changes := results(t)
	all := &gen.Result{Diagnostics: diagnostics.Diagnostics, Changes: changes.Changes, Files: []gen.File{{Path: filepath.Join(dir, "right", lock.Name)}}}
	report, err := all.Report(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if err := report.WriteSARIF(&log, dir); err != nil {
		t.Fatal(err)
	}
	s := sarifJudge{t}
	var root map[string]any
	if err := json.Unmarshal(log.Bytes(), &root); err != nil {
		t.Fatal(err)
	}
	s.members("log", root, "$schema", "version", "runs")
	if root["version"] != "2.1.0" {
		t.Errorf("version %v", root["version"])
	}
	for _, run := range s.list(root, "runs") {
		s.run(run)
	}
}

// sarifJudge reports what is wrong with the objects of a SARIF log.
type sarifJudge struct{ *testing.T }

// members checks that an object has no member besides these. Those without "?"
// are required.
func (s sarifJudge) members(what string, object map[string]any, names ...string) {
	s.Helper()
	for name := range object {
		if !slices.Contains(names, name) && !slices.Contains(names, name+"?") {
			s.Errorf("%s has a member %s", what, name)
		}
	}
	for _, name := range names {
		if _, ok := object[name]; !ok && !strings.HasSuffix(name, "?") {
			s.Errorf("%s has no %s", what, name)
		}
	}
}

func (s sarifJudge) object(parent map[string]any, name string) map[string]any {
	s.Helper()
	object, ok := parent[name].(map[string]any)
	if !ok {
		s.Fatalf("%s is %v", name, parent[name])
	}
	return object
}

func (s sarifJudge) list(parent map[string]any, name string) (all []map[string]any) {
	s.Helper()
	list, ok := parent[name].([]any)
	if !ok || len(list) == 0 {
		s.Fatalf("%s is %v", name, parent[name])
	}
	for _, v := range list {
		object, ok := v.(map[string]any)
		if !ok {
			s.Fatalf("%s has %v", name, v)
		}
		all = append(all, object)
	}
	return all
}

// text checks a message.
func (s sarifJudge) text(object map[string]any) {
	s.Helper()
	s.members("message", object, "text")
	if text, ok := object["text"].(string); !ok || text == "" {
		s.Errorf("a message has the text %v", object["text"])
	}
}

func (s sarifJudge) run(run map[string]any) {
	s.members("run", run, "tool", "columnKind", "results")
	if run["columnKind"] != "utf16CodeUnits" {
		s.Errorf("columnKind %v", run["columnKind"])
	}
	driver := s.object(s.object(run, "tool"), "driver")
	s.members("driver", driver, "name", "informationUri", "rules")
	var ids []string
	for _, rule := range s.list(driver, "rules") {
		s.members("rule", rule, "id", "shortDescription", "helpUri")
		s.text(s.object(rule, "shortDescription"))
		s.uri(rule["helpUri"])
		id := rule["id"].(string)
		if slices.Contains(ids, id) {
			s.Errorf("rule %s is there twice", id)
		}
		ids = append(ids, id)
	}
	fixes, related := 0, 0
	for _, result := range s.list(run, "results") {
		s.members("result", result, "ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations?", "fixes?", "partialFingerprints?", "suppressions?")
		if i := int(result["ruleIndex"].(float64)); i < 0 || i >= len(ids) || ids[i] != result["ruleId"] {
			s.Errorf("ruleIndex of %v is %d", result["ruleId"], i)
		}
		if !slices.Contains([]any{"none", "note", "warning", "error"}, result["level"]) {
			s.Errorf("level %v", result["level"])
		}
		s.text(s.object(result, "message"))
		for _, name := range []string{"locations", "relatedLocations"} {
			if result[name] != nil {
				related += len(name) - len("locations")
				for _, l := range s.list(result, name) {
					s.location(l)
				}
			}
		}
		if result["fixes"] != nil {
			fixes++
			for _, fix := range s.list(result, "fixes") {
				s.fix(fix)
			}
		}
		if result["suppressions"] != nil {
			for _, x := range s.list(result, "suppressions") {
				s.members("suppression", x, "kind", "status", "justification")
				if x["kind"] != "external" || x["status"] != "accepted" {
					s.Errorf("suppression %v", x)
				}
			}
		}
	}
	if fixes == 0 || related == 0 {
		s.Error("there is nothing to check: no fix, or no related location")
	}
}

func (s sarifJudge) location(l map[string]any) {
	s.members("location", l, "physicalLocation", "message?")
	if l["message"] != nil {
		s.text(s.object(l, "message"))
	}
	physical := s.object(l, "physicalLocation")
	s.members("physicalLocation", physical, "artifactLocation", "region?")
	s.artifact(s.object(physical, "artifactLocation"))
	if physical["region"] != nil {
		s.region(s.object(physical, "region"))
	}
}

func (s sarifJudge) artifact(a map[string]any) {
	s.members("artifactLocation", a, "uri", "uriBaseId?")
	s.uri(a["uri"])
}

func (s sarifJudge) uri(v any) {
	text, _ := v.(string)
	u, err := url.Parse(text)
	if err != nil || text == "" || u.String() != text || strings.ContainsAny(text, " \\é") {
		s.Errorf("%q is not a URI: %v", v, err)
	}
}

func (s sarifJudge) region(r map[string]any) {
	s.members("region", r, "startLine", "startColumn?", "endLine?", "endColumn?")
	number := func(name string, otherwise float64) float64 {
		n, ok := r[name].(float64)
		if !ok {
			return otherwise
		}
		if n < 1 || n != float64(int(n)) {
			s.Errorf("%s is %v", name, n)
		}
		return n
	}
	line, column := number("startLine", 0), number("startColumn", 1)
	if endLine := number("endLine", line); endLine < line || endLine == line && number("endColumn", column) < column {
		s.Errorf("a region ends before it begins: %v", r)
	}
}

func (s sarifJudge) fix(fix map[string]any) {
	s.members("fix", fix, "description", "artifactChanges")
	s.text(s.object(fix, "description"))
	for _, change := range s.list(fix, "artifactChanges") {
		s.members("artifactChange", change, "artifactLocation", "replacements")
		s.artifact(s.object(change, "artifactLocation"))
		for _, replacement := range s.list(change, "replacements") {
			s.members("replacement", replacement, "deletedRegion", "insertedContent")
			s.region(s.object(replacement, "deletedRegion"))
			s.text(s.object(replacement, "insertedContent"))
		}
	}
}
