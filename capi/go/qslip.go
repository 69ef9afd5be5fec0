// Package qslip tells what quantization changed in a model: Go over the qslip C library.
//
//	base, err := qslip.OpenModel("base.gguf", nil)
//	...
//	defer base.Close()
//	ids, err := base.Tokenize(text, 0)
//	logits, err := base.Score(ids)
//	err = kl.Add(cluster, logits, candLogits, nVocab)
//
// Header and library come from pkg-config (package "qslip"). All types may be shared by goroutines.
// Close frees at once; a finalizer is the safety net.
package qslip

/*
#cgo pkg-config: qslip
#include <qslip.h>
*/
import "C"

// Version of the loaded library, e.g. "0.1.0".
func Version() string { return C.GoString(C.qslip_version_string()) }

// Code is a qslip_status of qslip.h. It is an error itself, so that
// errors.Is(err, qslip.NotFound) works.
type Code int32

// The codes worth matching on; qslip.h has them all.
const (
	BadArgument Code = C.QSLIP_E_ARG
	BadHandle   Code = C.QSLIP_E_HANDLE
	BadSchema   Code = C.QSLIP_E_SCHEMA
	Budget      Code = C.QSLIP_E_BUDGET
	Busy        Code = C.QSLIP_E_BUSY
	Empty       Code = C.QSLIP_E_EMPTY
	Format      Code = C.QSLIP_E_FORMAT
	Limit       Code = C.QSLIP_E_LIMIT
	NoISA       Code = C.QSLIP_E_NO_ISA
	NoMemory    Code = C.QSLIP_E_NO_MEMORY
	NonFinite   Code = C.QSLIP_E_NONFINITE
	NotFound    Code = C.QSLIP_E_NOT_FOUND
	Shape       Code = C.QSLIP_E_SHAPE
	Truncated   Code = C.QSLIP_E_TRUNCATED
	Unsupported Code = C.QSLIP_E_UNSUPPORTED
)

// Error is the short name, e.g. "not_found".
func (c Code) Error() string { return C.GoString(C.qslip_status_name(C.qslip_status(c))) }

// Error is a failed call: its code and one line of text.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return e.Message }

// Is makes errors.Is(err, code) work.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// call runs one function of the C interface with an error struct of its own: nothing is thread-local,
// so the goroutine may move between threads.
func call(function func(*C.qslip_error) C.qslip_status) error {
	raw := C.qslip_error{struct_size: C.sizeof_qslip_error}
	code := function(&raw)
	if code == C.QSLIP_OK {
		return nil
	}
	return &Error{Code(code), C.GoString(&raw.message[0])}
}

// query is call for the question of a size: "buffer too small" is the expected answer.
func query(function func(*C.qslip_error) C.qslip_status) error {
	err := call(function)
	if e, ok := err.(*Error); ok && e.Code == C.QSLIP_E_BUFFER {
		return nil
	}
	return err
}

// callFor is call for a function that writes one value: it gives what became of value.
func callFor[Value any](value Value, function func(*Value, *C.qslip_error) C.qslip_status) (Value, error) {
	err := call(func(e *C.qslip_error) C.qslip_status { return function(&value, e) })
	return value, err
}

// create is callFor for a function that makes an object: it gives the handle.
func create[Handle any](function func(*Handle, *C.qslip_error) C.qslip_status) (handle Handle, err error) {
	if C.qslip_abi_version() != C.QSLIP_ABI_VERSION {
		return handle, &Error{Unsupported, "the loaded libqslip has another ABI than the header this was built with"}
	}
	return callFor(handle, function)
}
