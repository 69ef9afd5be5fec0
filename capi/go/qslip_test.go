package qslip

// The binding against the library it finds; run by test.sh.
// QSLIP_TINY is a model file of tests/capi/tiny_model; QSLIP_MODEL, if set, a real one.

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var (
	base = []float32{1, 2, 3, 4, 0, 0, 1, -1, 2, 2, 0, 1}
	cand = []float32{1, 2, 3, 3, 0, 1, 1, -1, 2, 1, 0, 1}
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(t *testing.T, ok bool, what ...any) {
	t.Helper()
	if !ok {
		t.Error(what...)
	}
}

func tiny(t *testing.T, options *ModelOptions) *Model {
	t.Helper()
	m, err := OpenModel(os.Getenv("QSLIP_TINY"), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func klReference(a, b []float32) float64 {
	logSum := func(row []float32) (sum float64) {
		for _, x := range row {
			sum += math.Exp(float64(x))
		}
		return math.Log(sum)
	}
	za, zb, kl := logSum(a), logSum(b), 0.0
	for i := range a {
		p, q := float64(a[i])-za, float64(b[i])-zb
		kl += math.Exp(p) * (p - q)
	}
	return kl
}

func filled() *Kl {
	kl := must(NewKl())
	for i := 0; i < 3; i++ {
		if err := kl.Add(uint64(i), base[4*i:4*i+4], cand[4*i:4*i+4], 4); err != nil {
			panic(err)
		}
	}
	return kl
}

func TestErrors(t *testing.T) {
	check(t, Version() == "0.1.0", Version())
	_, err := OpenModel("no/such/model.gguf", nil)
	var e *Error
	check(t, errors.Is(err, NotFound) && !errors.Is(err, Busy), err)
	check(t, errors.As(fmt.Errorf("wrapped: %w", err), &e) && e.Code == NotFound, err)
	check(t, NotFound.Error() == "not_found", NotFound)
	kl := must(NewKl())
	check(t, kl.Close() == nil, "first close")
	check(t, errors.Is(kl.Close(), BadHandle), "second close")
	_, err = kl.Summary()
	check(t, errors.Is(err, BadHandle), err)
}

func TestKlMean(t *testing.T) {
	expected := 0.0
	for i := 0; i < 12; i += 4 {
		expected += klReference(base[i:i+4], cand[i:i+4]) / 3
	}
	got := must(filled().Summary())
	check(t, math.Abs(got.MeanNats-expected) < 1e-12, got.MeanNats, expected)
	check(t, got.NPositions == 3 && got.NClusters == 3 && got.NCompared == 3, got)
	check(t, got.HasBounds && got.LowerNats < got.MeanNats && got.MeanNats < got.UpperNats, got)
}

func TestKlMergeSaveLoad(t *testing.T) {
	whole, twice, other := filled(), filled(), must(NewKl())
	for _, err := range []error{twice.Merge(whole), other.Merge(whole), other.Merge(whole)} {
		check(t, err == nil, err)
	}
	stored := must(other.Save())
	check(t, bytes.Equal(stored, must(twice.Save())), "order of merging")
	check(t, must(must(RestoreKl(stored)).Summary()) == must(twice.Summary()), "restore")
	_, err := RestoreKl(stored[:len(stored)-1])
	check(t, errors.Is(err, Truncated), err)
	_, err = RestoreKl(nil)
	check(t, errors.Is(err, Truncated), err)
	check(t, errors.Is(whole.Merge(whole), BadArgument), "merge with itself")
}

func TestKlRefusesWhatIsNoRow(t *testing.T) {
	kl := must(NewKl())
	check(t, errors.Is(kl.Add(1, base, cand[:8], 4), Shape), "lengths")
	check(t, errors.Is(kl.Add(1, base, cand, 5), Shape), "row")
	check(t, errors.Is(kl.Add(1, base, cand, 0), Shape), "zero")
	check(t, kl.Add(1, nil, nil, 4) != nil, "nil")
	_, err := kl.Summary()
	check(t, errors.Is(err, Empty), err)
}

func TestBusyNeverLosesAPosition(t *testing.T) {
	kl := must(NewKl())
	row := make([]float32, 1<<16)
	var group sync.WaitGroup
	var mutex sync.Mutex
	added, busy := uint64(0), 0
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 20; i++ {
				err := kl.Add(1, row, row, len(row))
				mutex.Lock()
				switch {
				case err == nil:
					added++
				case errors.Is(err, Busy):
					busy++
				default:
					t.Error(err)
				}
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
	check(t, must(kl.Summary()).NPositions == added && added+uint64(busy) == 80, added, busy)
}

func TestTokenize(t *testing.T) {
	m := tiny(t, nil)
	for _, c := range []struct {
		text  string
		flags TokenizeFlags
		ids   []int32
	}{
		{"hello", 0, []int32{258, 'o'}},
		{"hello", AddBOS, []int32{259, 258, 'o'}},
		{"</s>", ParseSpecial, []int32{260}},
		{"", 0, []int32{}},
	} {
		got := must(m.Tokenize(c.text, c.flags))
		check(t, fmt.Sprint(got) == fmt.Sprint(c.ids), c.text, got)
	}
	text := "h\x00\u00e4\U0001f600\xff"
	back := must(m.Detokenize(must(m.Tokenize(text, 0))))
	check(t, string(back) == text, back)
	_, err := m.Detokenize([]int32{-1})
	check(t, errors.Is(err, BadArgument), err)
}

func TestScore(t *testing.T) {
	m := tiny(t, nil)
	ids := must(m.Tokenize("hello, hello", AddBOS))
	info := must(m.Info())
	expected := must(m.Score(ids))
	check(t, info.NVocab == 261 && info.BOSToken == 259 && info.AddsBOS, info)
	check(t, len(expected) == len(ids)*info.NVocab, len(expected))
	scalar := must(tiny(t, &ModelOptions{ISA: "scalar"}).Score(ids))
	for _, mode := range []Mode{F32, A16, A8} { // the tiny model stores floats: the same in every mode
		check(t, must(tiny(t, &ModelOptions{Mode: mode}).Score(ids))[7] == expected[7], mode)
	}
	var group sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			got := must(m.Score(ids))
			for i := range got {
				if got[i] != expected[i] || got[i] != scalar[i] {
					t.Error("another bit at", i)
					return
				}
			}
		}()
	}
	group.Wait()
	kl := must(NewKl())
	check(t, kl.Add(1, expected, scalar, info.NVocab) == nil, "add")
	check(t, must(kl.Summary()).MeanNats == 0, "a model against itself")
	_, err := m.Score(nil)
	check(t, errors.Is(err, Empty), err)
	_, err = m.ScoreInto(ids, make([]float32, 3))
	check(t, err != nil, "short buffer")
}

func TestOptionsAndFinalizers(t *testing.T) {
	path := os.Getenv("QSLIP_TINY")
	_, err := OpenModel(path, &ModelOptions{ISA: "mmx"})
	check(t, err != nil, "mmx")
	_, err = OpenModel(path, &ModelOptions{Mode: 3})
	check(t, errors.Is(err, BadArgument), err)
	_, err = OpenModel(path, &ModelOptions{Pre: "foo-9"})
	check(t, errors.Is(err, Unsupported), err)
	check(t, errors.Is(tiny(t, &ModelOptions{MaxModelBytes: 1000}).Load(), Limit), "limit")
	for i := 0; i < 50; i++ {
		must(OpenModel(path, nil))
		must(NewKl())
		runtime.GC()
	}
}

func TestRealModel(t *testing.T) {
	path := os.Getenv("QSLIP_MODEL")
	if path == "" {
		fmt.Println("SKIPPED: Go on a real model because QSLIP_MODEL is not set")
		t.Skip()
	}
	m := must(OpenModel(path, nil))
	defer m.Close()
	ids := must(m.Tokenize("The capital of France is", 0))
	logits := must(m.Score(ids))
	n := must(m.Info()).NVocab
	last, best := logits[len(logits)-n:], 0
	for i, x := range last {
		if x > last[best] {
			best = i
		}
	}
	text := must(m.Detokenize([]int32{int32(best)}))
	check(t, string(text) == " Paris", string(text))
}

const personSchema = `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"a\u0000b":{"const":1}}}`

func TestSchema(t *testing.T) {
	s := must(CompileSchema([]byte(personSchema), nil))
	check(t, must(s.IsValid([]byte(`{"name":"Al"}`))), "valid")
	check(t, !must(s.IsValid([]byte(`{"name":1}`))), "invalid")
	check(t, len(must(s.Faults([]byte(`{"name":"Al"}`)))) == 0, "no faults")
	faults := must(s.Faults([]byte(`{"name":1,"a\u0000b":2}`)))
	check(t, len(faults) == 2, faults)
	want := Fault{"/name", "/properties/name/type", "#/properties/name/type", "type", faults[0].Message, 0}
	check(t, faults[0] == want && want.Message != "", faults[0])
	check(t, faults[1].InstanceLocation == "/a\x00b", faults[1])
	for _, text := range []string{"{", ""} {
		_, err := s.IsValid([]byte(text))
		check(t, errors.Is(err, Format), err)
	}
	check(t, must(s.Complexity()).NRequired == 1, "complexity")
	check(t, s.Close() == nil && errors.Is(s.Close(), BadHandle), "close")
	_, err := CompileSchema([]byte(`{"$ref":"#"}`), nil)
	check(t, errors.Is(err, BadSchema), err)
}

func TestSchemaOptions(t *testing.T) {
	options := &SchemaOptions{Dialect: Draft7, Formats: FormatAssertion, MaxFaults: 1, BaseURI: "http://example.org/x",
		Documents: map[string]string{"http://example.org/a": `{"items":[{"format":"date"}]}`}}
	s := must(CompileSchema([]byte(`{"$ref":"a"}`), options))
	check(t, must(s.IsValid([]byte(`["2020-02-29"]`))) && !must(s.IsValid([]byte(`["2021-02-29"]`))), "format")
	few := must(CompileSchema([]byte(`{"items":{"type":"null"}}`), &SchemaOptions{MaxFaults: 2, MaxSteps: 1000}))
	check(t, len(must(few.Faults([]byte("[1,2,3]")))) == 2, "errors kept")
	_, err := few.IsValid([]byte("[" + strings.Repeat("null,", 5000) + "null]"))
	check(t, errors.Is(err, Budget), err)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 200; j++ {
				check(t, must(s.IsValid([]byte(`["2020-02-29"]`))), "threads")
			}
		}()
	}
	group.Wait()
}
