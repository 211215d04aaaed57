package gen

import (
	"encoding/json"
	"go/token"
	"io"
	"path/filepath"
)

// Report is a result as JSON shows it. Fields are added, and never change their
// meaning. File names are relative to the directory of the run where they lie
// below it; lines and columns count from 1, columns in bytes.
type Report struct {
	Diagnostics []ReportedDiagnostic `json:"diagnostics"`
	Changes     []ReportedChange     `json:"changes"`
	// Stale are the files that differ from what they should be.
	Stale []StaleFile `json:"stale"`
}

// Place is a position in the source.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"` // absent for a whole file
	Column int    `json:"column,omitempty"`
}

// ReportedDiagnostic is a [Diagnostic].
type ReportedDiagnostic struct {
	Place
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Fix     string            `json:"fix,omitempty"`
	Related []ReportedRelated `json:"related,omitempty"`
	// Edits are what -fix does about it.
	Edits []ReportedEdit `json:"edits,omitempty"`
}

// ReportedEdit is an [Edit]. The text from the place up to the end, which is not a
// part of it, is replaced.
type ReportedEdit struct {
	Place
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Text      string `json:"text"`
	Message   string `json:"message"`
}

// ReportedRelated is a [Related].
type ReportedRelated struct {
	Place
	Message string `json:"message"`
}

// ReportedChange is a [Change].
type ReportedChange struct {
	Place
	Name     string   `json:"name"`
	Class    string   `json:"class"`
	Table    string   `json:"table"`
	Kind     string   `json:"kind"`
	Subject  string   `json:"subject,omitempty"`
	Was      string   `json:"was,omitempty"`
	Now      string   `json:"now,omitempty"`
	Reason   string   `json:"reason"`
	Rollout  []string `json:"rollout"`
	Stops    bool     `json:"stops"`
	Accepted bool     `json:"accepted"`
}

// StaleFile is a file and the unified diff from what it is to what it should be.
type StaleFile struct {
	Place
	Diff string `json:"diff"`
}

// Report returns the result with file names relative to dir. With stale it
// compares the files with those on disk.
func (r *Result) Report(dir string, stale bool) (*Report, error) {
	// Not nil, so that JSON has empty lists.
	report := &Report{Diagnostics: []ReportedDiagnostic{}, Changes: []ReportedChange{}, Stale: []StaleFile{}}
	for _, d := range r.Diagnostics {
		reported := ReportedDiagnostic{Place: placeOf(d.Position, dir), Code: string(d.Code), Message: d.Message, Fix: d.Fix}
		for _, related := range d.Related {
			reported.Related = append(reported.Related, ReportedRelated{placeOf(related.Position, dir), related.Message})
		}
		if e := d.Edit; e != nil {
			reported.Edits = []ReportedEdit{{placeOf(e.Start, dir), e.End.Line, e.End.Column, e.Text, e.Message}}
		}
		report.Diagnostics = append(report.Diagnostics, reported)
	}
	for _, c := range r.Changes {
		report.Changes = append(report.Changes, ReportedChange{
			Place: placeOf(c.Position, dir), Name: c.Name(), Class: string(c.Class),
			Table: c.Table, Kind: c.Kind, Subject: c.Subject, Was: c.Was, Now: c.Now,
			Reason: c.Reason, Rollout: append([]string{}, c.Rollout...), Stops: c.Stops(), Accepted: c.Accepted,
		})
	}
	if !stale {
		return report, nil
	}
	for _, f := range r.Files {
		diff, err := f.Diff(dir)
		if err != nil {
			return nil, err
		}
		if diff != "" {
			report.Stale = append(report.Stale, StaleFile{placeOf(token.Position{Filename: f.Path}, dir), diff})
		}
	}
	return report, nil
}

func placeOf(p token.Position, dir string) Place {
	if name, err := filepath.Rel(dir, p.Filename); err == nil && filepath.IsLocal(name) {
		p.Filename = filepath.ToSlash(name)
	}
	return Place{p.Filename, p.Line, p.Column}
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error { return writeJSON(w, r) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
