package qslip

// #include <stdlib.h>
// #include <qslip.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Schema is a compiled JSON Schema: compile once, validate many.
type Schema struct{ raw *C.qslip_schema }

// Dialect is what a schema without $schema is read as.
type Dialect uint32

const (
	DialectDefault Dialect = C.QSLIP_DIALECT_DEFAULT // 2020-12
	DialectV1      Dialect = C.QSLIP_DIALECT_V1
	Draft4         Dialect = C.QSLIP_DIALECT_DRAFT4
	Draft6         Dialect = C.QSLIP_DIALECT_DRAFT6
	Draft7         Dialect = C.QSLIP_DIALECT_DRAFT7
	Draft201909    Dialect = C.QSLIP_DIALECT_2019_09
	Draft202012    Dialect = C.QSLIP_DIALECT_2020_12
)

// FormatMode says what `format` does.
type FormatMode uint32

const (
	FormatByDialect  FormatMode = C.QSLIP_FORMAT_BY_DIALECT
	FormatAnnotation FormatMode = C.QSLIP_FORMAT_ANNOTATION
	FormatAssertion  FormatMode = C.QSLIP_FORMAT_ASSERTION
)

// SchemaOptions say how to compile; nil is the library's defaults, as is each zero field.
type SchemaOptions struct {
	Dialect   Dialect
	Formats   FormatMode
	MaxFaults uint32            // faults kept of one instance
	MaxSteps  uint64            // work one validation may take
	BaseURI   string            // URI of a schema without $id
	Documents map[string]string // URI to schema, what $ref may name; nothing else is ever loaded
}

// Fault is one fault of an instance; locations are JSON pointers, SchemaLocation is an absolute URI.
type Fault struct {
	InstanceLocation, KeywordLocation, SchemaLocation, Keyword, Message string
	NCauses                                                             int // of the faults just before, those that explain it
}

// SchemaComplexity is how much structure a schema asks for; Class 0 to 3 is S0 to S3.
type SchemaComplexity struct {
	Class                                   int
	Points                                  float64 // at least 0; more is harder
	Depth, NRequired, NOptional             uint64
	NArrays, NArraysOfObjects               uint64
	NConstraints, NCombinators, NRecursions uint64
}

// cStrings is a C array of C strings; freeing it frees both.
func cStrings(texts []string) (**C.char, func()) {
	if len(texts) == 0 {
		return nil, func() {}
	}
	array := (**C.char)(C.malloc(C.size_t(len(texts)) * C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	entries := unsafe.Slice(array, len(texts))
	for i, text := range texts {
		entries[i] = C.CString(text)
	}
	return array, func() {
		for _, entry := range entries {
			C.free(unsafe.Pointer(entry))
		}
		C.free(unsafe.Pointer(array))
	}
}

// CompileSchema compiles JSON text. options may be nil.
func CompileSchema(text []byte, options *SchemaOptions) (*Schema, error) {
	raw := C.qslip_schema_options{struct_size: C.sizeof_qslip_schema_options}
	if options != nil {
		raw.default_dialect, raw.format_mode = C.uint32_t(options.Dialect), C.uint32_t(options.Formats)
		raw.max_faults, raw.max_steps = C.uint32_t(options.MaxFaults), C.uint64_t(options.MaxSteps)
		raw.base_uri = cString(options.BaseURI)
		defer C.free(unsafe.Pointer(raw.base_uri))
		var uris, texts []string
		for uri, document := range options.Documents {
			uris, texts = append(uris, uri), append(texts, document)
		}
		var freeURIs, freeTexts func()
		raw.document_uris, freeURIs = cStrings(uris)
		raw.document_texts, freeTexts = cStrings(texts)
		defer freeURIs()
		defer freeTexts()
		raw.n_documents = C.uint64_t(len(uris))
	}
	handle, err := create(func(out **C.qslip_schema, e *C.qslip_error) C.qslip_status {
		return C.qslip_schema_compile(jsonText(text), C.size_t(len(text)), &raw, out, e)
	})
	if err != nil {
		return nil, err
	}
	s := &Schema{handle}
	runtime.SetFinalizer(s, (*Schema).Close)
	return s, nil
}

// jsonText is never nil: no bytes are a text too, a malformed one.
func jsonText(text []byte) *C.char {
	if len(text) == 0 {
		text = []byte{0}
	}
	return firstByte(text)
}

// Close frees the schema; running calls end normally. Closing twice gives BadHandle.
func (s *Schema) Close() error {
	defer runtime.KeepAlive(s)
	runtime.SetFinalizer(s, nil)
	return call(func(e *C.qslip_error) C.qslip_status { return C.qslip_schema_destroy(s.raw, e) })
}

// IsValid tells whether JSON text is valid; it stops at the first fault. Text that is no JSON is an error.
func (s *Schema) IsValid(instance []byte) (bool, error) {
	defer runtime.KeepAlive(s)
	valid, err := callFor(0, func(out *C.uint32_t, e *C.qslip_error) C.qslip_status {
		return C.qslip_schema_check(s.raw, jsonText(instance), C.size_t(len(instance)), out, e)
	})
	return err == nil && valid == 1, err
}

// Faults gives every fault of JSON text, none when it is valid.
func (s *Schema) Faults(instance []byte) ([]Fault, error) {
	defer runtime.KeepAlive(s)
	validation, err := create(func(out **C.qslip_validation, e *C.qslip_error) C.qslip_status {
		return C.qslip_schema_validate(s.raw, jsonText(instance), C.size_t(len(instance)), out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.qslip_validation_destroy(validation, nil)
	info := C.qslip_validation_info{struct_size: C.sizeof_qslip_validation_info}
	err = call(func(e *C.qslip_error) C.qslip_status { return C.qslip_validation_get_info(validation, &info, e) })
	if err != nil {
		return nil, err
	}
	faults := make([]Fault, info.n_faults)
	for i := range faults {
		if faults[i], err = faultAt(validation, i); err != nil {
			return nil, err
		}
	}
	return faults, nil
}

func faultAt(validation *C.qslip_validation, i int) (Fault, error) {
	raw := C.qslip_validation_fault{struct_size: C.sizeof_qslip_validation_fault}
	err := call(func(e *C.qslip_error) C.qslip_status {
		return C.qslip_validation_get_fault(validation, C.size_t(i), &raw, e)
	})
	if err != nil {
		return Fault{}, err
	}
	text := func(first *C.char, n C.uint64_t) string { return C.GoStringN(first, C.int(n)) }
	return Fault{
		InstanceLocation: text(raw.instance_location, raw.instance_location_bytes),
		KeywordLocation:  text(raw.keyword_location, raw.keyword_location_bytes),
		SchemaLocation:   text(raw.schema_location, raw.schema_location_bytes),
		Keyword:          text(raw.keyword, raw.keyword_bytes),
		Message:          text(raw.message, raw.message_bytes),
		NCauses:          int(raw.n_causes),
	}, nil
}

// Complexity measures the schema.
func (s *Schema) Complexity() (SchemaComplexity, error) {
	defer runtime.KeepAlive(s)
	raw := C.qslip_schema_complexity{struct_size: C.sizeof_qslip_schema_complexity}
	err := call(func(e *C.qslip_error) C.qslip_status { return C.qslip_schema_get_complexity(s.raw, &raw, e) })
	if err != nil {
		return SchemaComplexity{}, err
	}
	return SchemaComplexity{
		Class: int(raw.complexity_class), Points: float64(raw.points), Depth: uint64(raw.depth),
		NRequired: uint64(raw.n_required), NOptional: uint64(raw.n_optional), NArrays: uint64(raw.n_arrays),
		NArraysOfObjects: uint64(raw.n_arrays_of_objects), NConstraints: uint64(raw.n_constraints),
		NCombinators: uint64(raw.n_combinators), NRecursions: uint64(raw.n_recursions),
	}, nil
}
