package gen

import (
	"bufio"
	"bytes"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/ddbegen/ddbegen/gen/diff"
)

// The parts of SARIF 2.1.0 (OASIS Standard, Static Analysis Results Interchange
// Format) that a report needs, by the names they have there.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		HelpURI          string    `json:"helpUri"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
		Fixes               []sarifFix         `json:"fixes,omitempty"`
		PartialFingerprints map[string]string  `json:"partialFingerprints,omitempty"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Message          *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifFix struct {
		Description     sarifText             `json:"description"`
		ArtifactChanges []sarifArtifactChange `json:"artifactChanges"`
	}
	sarifArtifactChange struct {
		ArtifactLocation sarifArtifact      `json:"artifactLocation"`
		Replacements     []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		DeletedRegion   sarifRegion `json:"deletedRegion"`
		InsertedContent sarifText   `json:"insertedContent"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

const (
	projectURI = "https://github.com/ddbegen/ddbegen"
	tagsURI    = projectURI + "/blob/main/docs/tags.md#codes"
	changesURI = projectURI + "/blob/main/docs/schema-changes.md"
)

// WriteSARIF writes the report as a SARIF 2.1.0 log with one run. dir is where
// its file names are relative to; lines are read from there to count columns as
// SARIF does.
func (r *Report) WriteSARIF(w io.Writer, dir string) error {
	s := sarifWriter{dir: dir, lines: map[string][]string{}}
	for _, d := range r.Diagnostics {
		s.diagnostic(d)
	}
	for _, c := range r.Changes {
		s.change(c)
	}
	for _, f := range r.Stale {
		s.rule("stale", "A generated file or lock file differs from what it should be.", projectURI)
		s.add(sarifResult{RuleID: "stale", Level: "error", Message: sarifText{"run ddbegen: the file differs from what it should be"}, Locations: []sarifLocation{s.location(f.Place, "")}})
	}
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: append([]sarifResult{}, s.results...)}
	run.Tool.Driver = sarifDriver{Name: "ddbegen", InformationURI: projectURI, Rules: append([]sarifRule{}, s.rules...)}
	return writeJSON(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

type sarifWriter struct {
	dir     string
	rules   []sarifRule
	results []sarifResult
	lines   map[string][]string // of the files that were read
}

// rule declares a rule, once.
func (s *sarifWriter) rule(id, description, help string) {
	if !slices.ContainsFunc(s.rules, func(r sarifRule) bool { return r.ID == id }) {
		s.rules = append(s.rules, sarifRule{id, sarifText{description}, help})
	}
}

func (s *sarifWriter) add(result sarifResult) {
	result.RuleIndex = slices.IndexFunc(s.rules, func(r sarifRule) bool { return r.ID == result.RuleID })
	s.results = append(s.results, result)
}

func (s *sarifWriter) diagnostic(d ReportedDiagnostic) {
	s.rule(d.Code, "The table of codes explains "+d.Code+".", tagsURI)
	result := sarifResult{RuleID: d.Code, Level: "error", Message: sarifText{strings.TrimSuffix(d.Message+"\n"+d.Fix, "\n")}, Locations: []sarifLocation{s.location(d.Place, "")}}
	for _, related := range d.Related {
		result.RelatedLocations = append(result.RelatedLocations, s.location(related.Place, related.Message))
	}
	for _, e := range d.Edits {
		end := Place{e.File, e.EndLine, e.EndColumn}
		result.Fixes = append(result.Fixes, sarifFix{sarifText{e.Message}, []sarifArtifactChange{{
			s.location(e.Place, "").PhysicalLocation.ArtifactLocation,
			[]sarifReplacement{{sarifRegion{e.Line, s.column(e.Place), e.EndLine, s.column(end)}, sarifText{e.Text}}},
		}}})
	}
	s.add(result)
}

func (s *sarifWriter) change(c ReportedChange) {
	s.rule(c.Class, diff.Class(c.Class).Meaning(), changesURI)
	result := sarifResult{
		RuleID: c.Class, Level: "note", Message: sarifText{c.text()},
		Locations:           []sarifLocation{s.location(c.Place, "")},
		PartialFingerprints: map[string]string{"change/v1": c.Name},
	}
	switch {
	case c.Accepted:
		result.Suppressions = []sarifSuppression{{"external", "accepted", "accepted by name in the lock file"}}
	case c.Stops:
		result.Level = "error"
	case c.Class != string(diff.Safe):
		result.Level = "warning"
	}
	s.add(result)
}

func (c ReportedChange) text() string {
	change := diff.Change{Table: c.Table, Kind: c.Kind, Subject: c.Subject, Was: c.Was, Now: c.Now, Reason: c.Reason}
	return strings.Join(append([]string{change.Message()}, c.Rollout...), "\n")
}

func (s *sarifWriter) location(p Place, message string) sarifLocation {
	name := filepath.ToSlash(p.File)
	l := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{(&url.URL{Path: name}).String(), "%SRCROOT%"}}}
	if filepath.IsAbs(p.File) {
		l.PhysicalLocation.ArtifactLocation = sarifArtifact{URI: (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(name, "/")}).String()}
	}
	if p.Line > 0 {
		l.PhysicalLocation.Region = &sarifRegion{StartLine: p.Line, StartColumn: s.column(p)}
	}
	if message != "" {
		l.Message = &sarifText{message}
	}
	return l
}

// column returns the column in UTF-16 code units. That of a file that cannot be
// read stays as it is: most lines are ASCII.
func (s *sarifWriter) column(p Place) int {
	lines, read := s.lines[p.File]
	if !read {
		path := p.File
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.dir, path)
		}
		if content, err := os.ReadFile(path); err == nil {
			for scanner := bufio.NewScanner(bytes.NewReader(content)); scanner.Scan(); {
				lines = append(lines, scanner.Text())
			}
		}
		s.lines[p.File] = lines
	}
	if p.Line > len(lines) || p.Column-1 > len(lines[p.Line-1]) || p.Column < 1 {
		return p.Column
	}
	return 1 + len(utf16.Encode([]rune(lines[p.Line-1][:p.Column-1])))
}
