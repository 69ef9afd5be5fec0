package qslip

// #include <qslip.h>
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Kl accumulates KL(base || candidate) over positions, in nats, with cluster-robust bounds.
// Of two goroutines changing one at the same time the second gets Busy.
type Kl struct{ raw *C.qslip_kl }

// KlSummary is what an accumulator knows; see qslip_kl_summary in qslip.h.
type KlSummary struct {
	NPositions, NClusters          uint64
	MeanNats                       float64 // at least 0; smaller is closer to the base
	HasBounds                      bool    // false below two clusters
	LowerNats, UpperNats           float64 // one-sided 95 % each
	Q50Nats, Q90Nats, Q99Nats      float64
	MaxNats                        float64
	NCompared, NTop1Agree          uint64
	NSupportMismatch               uint64
	NBaseNonfinite, NCandNonfinite uint64 // positions left out
	NClipped                       uint64
}

func newKl(function func(**C.qslip_kl, *C.qslip_error) C.qslip_status) (*Kl, error) {
	handle, err := create(function)
	if err != nil {
		return nil, err
	}
	kl := &Kl{handle}
	runtime.SetFinalizer(kl, (*Kl).Close)
	return kl, nil
}

// NewKl makes an empty accumulator.
func NewKl() (*Kl, error) {
	return newKl(func(handle **C.qslip_kl, e *C.qslip_error) C.qslip_status {
		return C.qslip_kl_create(handle, e)
	})
}

// RestoreKl makes the accumulator Save stored.
func RestoreKl(stored []byte) (*Kl, error) {
	if len(stored) == 0 {
		return nil, &Error{Truncated, "no bytes"}
	}
	return newKl(func(handle **C.qslip_kl, e *C.qslip_error) C.qslip_status {
		return C.qslip_kl_restore(unsafe.Pointer(&stored[0]), C.size_t(len(stored)), handle, e)
	})
}

// Close frees the accumulator. Closing twice gives BadHandle.
func (kl *Kl) Close() error {
	defer runtime.KeepAlive(kl)
	runtime.SetFinalizer(kl, nil)
	return call(func(e *C.qslip_error) C.qslip_status { return C.qslip_kl_destroy(kl.raw, e) })
}

// Add adds adjacent rows of nVocab logits of the prompt numbered cluster. Rows with NaN or Inf are
// counted, not an error.
func (kl *Kl) Add(cluster uint64, base, cand []float32, nVocab int) error {
	defer runtime.KeepAlive(kl)
	if nVocab <= 0 || len(base) != len(cand) || len(base)%nVocab != 0 {
		return &Error{Shape, fmt.Sprintf("base has %d logits, cand %d, a row %d", len(base), len(cand), nVocab)}
	}
	return call(func(e *C.qslip_error) C.qslip_status {
		return C.qslip_kl_add(kl.raw, C.uint64_t(cluster), firstFloat(base), C.size_t(nVocab), firstFloat(cand),
			C.size_t(nVocab), C.size_t(len(base)/nVocab), C.size_t(nVocab), e)
	})
}

// Merge adds all of other, which stays as it is; order and grouping change nothing, to the last bit.
func (kl *Kl) Merge(other *Kl) error {
	defer runtime.KeepAlive(kl)
	defer runtime.KeepAlive(other)
	return call(func(e *C.qslip_error) C.qslip_status { return C.qslip_kl_merge(kl.raw, other.raw, e) })
}

// Summary gives Empty before the first position.
func (kl *Kl) Summary() (KlSummary, error) {
	defer runtime.KeepAlive(kl)
	raw := C.qslip_kl_summary{struct_size: C.sizeof_qslip_kl_summary}
	err := call(func(e *C.qslip_error) C.qslip_status { return C.qslip_kl_get_summary(kl.raw, &raw, e) })
	if err != nil {
		return KlSummary{}, err
	}
	return KlSummary{
		NPositions: uint64(raw.n_positions), NClusters: uint64(raw.n_clusters),
		MeanNats: float64(raw.mean_nats), HasBounds: raw.has_bounds != 0,
		LowerNats: float64(raw.lower_nats), UpperNats: float64(raw.upper_nats),
		Q50Nats: float64(raw.q50_nats), Q90Nats: float64(raw.q90_nats), Q99Nats: float64(raw.q99_nats),
		MaxNats: float64(raw.max_nats), NCompared: uint64(raw.n_compared), NTop1Agree: uint64(raw.n_top1_agree),
		NSupportMismatch: uint64(raw.n_support_mismatch),
		NBaseNonfinite:   uint64(raw.n_base_nonfinite), NCandNonfinite: uint64(raw.n_cand_nonfinite),
		NClipped: uint64(raw.n_clipped),
	}, nil
}

// Save gives the state as bytes; equal states give equal bytes.
func (kl *Kl) Save() ([]byte, error) {
	defer runtime.KeepAlive(kl)
	var written C.size_t
	err := query(func(e *C.qslip_error) C.qslip_status { return C.qslip_kl_save(kl.raw, nil, 0, &written, e) })
	if err != nil {
		return nil, err
	}
	stored := make([]byte, written)
	err = call(func(e *C.qslip_error) C.qslip_status {
		return C.qslip_kl_save(kl.raw, unsafe.Pointer(&stored[0]), C.size_t(len(stored)), &written, e)
	})
	if err != nil {
		return nil, err
	}
	return stored[:written], nil
}
