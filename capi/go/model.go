package qslip

// #include <stdlib.h>
// #include <qslip.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Model is a GGUF model: tokenizer and teacher-forced scoring.
type Model struct{ raw *C.qslip_model }

// ModelOptions say how to open a model; nil is the file's own tokenizer and the machine's best
// instruction set.
type ModelOptions struct {
	ISA           string // instruction set, e.g. "avx2"
	Pre           string // pre-tokenizer instead of the file's
	Mode          Mode   // numerics; F32 if not set
	MaxModelBytes uint64 // memory the loaded weights may take; 0: the library's default
}

// ModelInfo is the shape of a model. BOSToken and EOSToken are -1 where the file names none.
type ModelInfo struct {
	NVocab, NCtx, NLayers, DModel int
	BOSToken, EOSToken            int32
	AddsBOS                       bool
	MemoryBytes                   uint64 // estimate for the loaded weights
}

// Mode says how activations enter products; weights are exact in each.
type Mode uint32

const (
	F32 Mode = C.QSLIP_MODE_F32 // fp32
	A16 Mode = C.QSLIP_MODE_A16 // 16-bit integers, a scale per 32
	A8  Mode = C.QSLIP_MODE_A8  // 8-bit integers as llama.cpp rounds them
)

// TokenizeFlags say how to read a text; 0 is plain text.
type TokenizeFlags uint32

const (
	AddBOS       TokenizeFlags = C.QSLIP_TOKENIZE_ADD_BOS       // BOS first if the file asks for it
	ParseSpecial TokenizeFlags = C.QSLIP_TOKENIZE_PARSE_SPECIAL // special tokens become their ids
)

// cString is nil for "": the option is not set. The caller frees it.
func cString(text string) *C.char {
	if text == "" {
		return nil
	}
	return C.CString(text)
}

// OpenModel opens a GGUF file; weights are read on first scoring, or by Load. options may be nil.
func OpenModel(path string, options *ModelOptions) (*Model, error) {
	raw := C.qslip_model_options{struct_size: C.sizeof_qslip_model_options}
	if options != nil {
		raw.isa, raw.pre = cString(options.ISA), cString(options.Pre)
		raw.mode = C.uint32_t(options.Mode)
		raw.max_model_bytes = C.uint64_t(options.MaxModelBytes)
		defer C.free(unsafe.Pointer(raw.isa))
		defer C.free(unsafe.Pointer(raw.pre))
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	handle, err := create(func(out **C.qslip_model, e *C.qslip_error) C.qslip_status {
		return C.qslip_model_open(cPath, &raw, out, e)
	})
	if err != nil {
		return nil, err
	}
	m := &Model{handle}
	runtime.SetFinalizer(m, (*Model).Close)
	return m, nil
}

// Close frees the model; running calls end normally. Closing twice gives BadHandle.
func (m *Model) Close() error {
	defer runtime.KeepAlive(m)
	runtime.SetFinalizer(m, nil)
	return call(func(e *C.qslip_error) C.qslip_status { return C.qslip_model_destroy(m.raw, e) })
}

// Load reads and checks the weights now instead of on first use.
func (m *Model) Load() error {
	defer runtime.KeepAlive(m)
	return call(func(e *C.qslip_error) C.qslip_status { return C.qslip_model_load(m.raw, e) })
}

// Info is the model's shape.
func (m *Model) Info() (ModelInfo, error) {
	defer runtime.KeepAlive(m)
	raw := C.qslip_model_info{struct_size: C.sizeof_qslip_model_info}
	err := call(func(e *C.qslip_error) C.qslip_status { return C.qslip_model_get_info(m.raw, &raw, e) })
	if err != nil {
		return ModelInfo{}, err
	}
	return ModelInfo{
		NVocab: int(raw.n_vocab), NCtx: int(raw.n_ctx), NLayers: int(raw.n_layers), DModel: int(raw.d_model),
		BOSToken: int32(raw.bos_token), EOSToken: int32(raw.eos_token), AddsBOS: raw.adds_bos != 0,
		MemoryBytes: uint64(raw.memory_bytes),
	}, nil
}

func firstByte(bytes []byte) *C.char {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&bytes[0]))
}

func firstToken(tokens []int32) *C.int32_t {
	if len(tokens) == 0 {
		return nil
	}
	return (*C.int32_t)(unsafe.Pointer(&tokens[0]))
}

func firstFloat(values []float32) *C.float {
	if len(values) == 0 {
		return nil
	}
	return (*C.float)(unsafe.Pointer(&values[0]))
}

// Tokenize gives the token ids of a text.
func (m *Model) Tokenize(text string, flags TokenizeFlags) ([]int32, error) {
	defer runtime.KeepAlive(m)
	bytes := []byte(text)
	tokens := make([]int32, len(bytes)+1) // a token is rarely shorter than a byte
	var written C.size_t
	fill := func(e *C.qslip_error) C.qslip_status {
		return C.qslip_model_tokenize(m.raw, firstByte(bytes), C.size_t(len(bytes)), C.uint32_t(flags),
			firstToken(tokens), C.size_t(len(tokens)), &written, e)
	}
	err := query(fill)
	if err == nil && int(written) > len(tokens) {
		tokens = make([]int32, written)
		err = call(fill)
	}
	if err != nil {
		return nil, err
	}
	return tokens[:written], nil
}

// Detokenize gives the bytes the ids stand for; they may end inside a character.
func (m *Model) Detokenize(tokens []int32) ([]byte, error) {
	defer runtime.KeepAlive(m)
	var text []byte
	var written C.size_t
	fill := func(e *C.qslip_error) C.qslip_status {
		return C.qslip_model_detokenize(m.raw, firstToken(tokens), C.size_t(len(tokens)), firstByte(text),
			C.size_t(len(text)), &written, e)
	}
	if err := query(fill); err != nil {
		return nil, err
	}
	text = make([]byte, written)
	if err := call(fill); err != nil {
		return nil, err
	}
	return text, nil
}

// Score gives teacher-forced logits, row-major [len(tokens), NVocab]: row i predicts what follows
// tokens[i].
func (m *Model) Score(tokens []int32) ([]float32, error) {
	info, err := m.Info()
	if err != nil {
		return nil, err
	}
	logits := make([]float32, len(tokens)*info.NVocab)
	_, err = m.ScoreInto(tokens, logits)
	if err != nil {
		return nil, err
	}
	return logits, nil
}

// ScoreInto is Score into a buffer of len(tokens)*NVocab or more; it returns how many were written.
func (m *Model) ScoreInto(tokens []int32, logits []float32) (int, error) {
	defer runtime.KeepAlive(m)
	written, err := callFor(0, func(out *C.size_t, e *C.qslip_error) C.qslip_status {
		return C.qslip_model_score(m.raw, firstToken(tokens), C.size_t(len(tokens)), firstFloat(logits),
			C.size_t(len(logits)), out, e)
	})
	return int(written), err
}
