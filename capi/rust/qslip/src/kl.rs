use crate::error::{call, call_for, query, Code, Error};
use qslip_sys as sys;
use std::ptr;

/// Rows of logits, borrowed: row r is `values[r * stride .. r * stride + n_vocab]`.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub values: &'a [f32],
    pub n_vocab: usize,
    pub stride: usize,
}

impl<'a> Rows<'a> {
    /// Adjacent rows of `n_vocab` entries.
    pub fn new(values: &'a [f32], n_vocab: usize) -> Rows<'a> {
        Rows { values, n_vocab, stride: n_vocab }
    }

    /// Rows that lie in `values` in full.
    fn n_rows(&self) -> usize {
        if self.stride == 0 || self.values.len() < self.n_vocab {
            return 0;
        }
        (self.values.len() - self.n_vocab) / self.stride + 1
    }
}

/// KL(base || candidate) over positions, in nats, with cluster-robust bounds. Freed when dropped.
/// `Send` and `Sync`; changing it needs `&mut`, so the library's "busy" cannot occur.
#[derive(Debug)]
pub struct Kl {
    raw: *mut sys::qslip_kl,
}

// SAFETY: the handle is a number; the library synchronises what stands behind it.
unsafe impl Send for Kl {}
unsafe impl Sync for Kl {}

/// What an accumulator knows; see `qslip_kl_summary` in qslip.h.
#[derive(Clone, Debug, PartialEq)]
pub struct KlSummary {
    pub n_positions: u64,
    pub n_clusters: u64,
    /// At least 0; smaller is closer to the base.
    pub mean_nats: f64,
    /// Lower and upper bound of the mean, one-sided 95 % each; `None` below two clusters.
    pub bounds_nats: Option<(f64, f64)>,
    pub q50_nats: f64,
    pub q90_nats: f64,
    pub q99_nats: f64,
    pub max_nats: f64,
    pub n_compared: u64,
    pub n_top1_agree: u64,
    pub n_support_mismatch: u64,
    pub n_base_nonfinite: u64,
    pub n_cand_nonfinite: u64,
    pub n_clipped: u64,
}

impl Kl {
    pub fn new() -> Result<Kl, Error> {
        // SAFETY: out is valid through the call.
        let raw = call_for(ptr::null_mut(), |out, err| unsafe { sys::qslip_kl_create(out, err) })?;
        Ok(Kl { raw })
    }

    /// Adds the rows of the prompt numbered `cluster`. Rows with NaN or Inf are counted, not an error.
    pub fn add(&mut self, cluster: u64, base: Rows<'_>, cand: Rows<'_>) -> Result<(), Error> {
        if base.n_vocab != cand.n_vocab || base.n_rows() != cand.n_rows() {
            let message = format!(
                "base is {} x {}, cand {} x {}",
                base.n_rows(),
                base.n_vocab,
                cand.n_rows(),
                cand.n_vocab
            );
            return Err(Error { code: Code(sys::QSLIP_E_SHAPE), message });
        }
        // SAFETY: n_rows() says how many rows of that stride lie inside each slice.
        call(|err| unsafe {
            sys::qslip_kl_add(
                self.raw,
                cluster,
                base.values.as_ptr(),
                base.stride,
                cand.values.as_ptr(),
                cand.stride,
                base.n_rows(),
                base.n_vocab,
                err,
            )
        })
    }

    /// Adds all of `other`; order and grouping change nothing, to the last bit.
    pub fn merge(&mut self, other: &Kl) -> Result<(), Error> {
        // SAFETY: both handles live through the call; borrowing keeps them distinct.
        call(|err| unsafe { sys::qslip_kl_merge(self.raw, other.raw, err) })
    }

    /// `Code::EMPTY` before the first position.
    pub fn summary(&self) -> Result<KlSummary, Error> {
        let raw = call_for(sys::QSLIP_KL_SUMMARY_INIT, |out, err| {
            // SAFETY: out is valid through the call and carries its size.
            unsafe { sys::qslip_kl_get_summary(self.raw, out, err) }
        })?;
        Ok(KlSummary {
            n_positions: raw.n_positions,
            n_clusters: raw.n_clusters,
            mean_nats: raw.mean_nats,
            bounds_nats: if raw.has_bounds != 0 { Some((raw.lower_nats, raw.upper_nats)) } else { None },
            q50_nats: raw.q50_nats,
            q90_nats: raw.q90_nats,
            q99_nats: raw.q99_nats,
            max_nats: raw.max_nats,
            n_compared: raw.n_compared,
            n_top1_agree: raw.n_top1_agree,
            n_support_mismatch: raw.n_support_mismatch,
            n_base_nonfinite: raw.n_base_nonfinite,
            n_cand_nonfinite: raw.n_cand_nonfinite,
            n_clipped: raw.n_clipped,
        })
    }

    /// The state as bytes; equal states give equal bytes.
    pub fn save(&self) -> Result<Vec<u8>, Error> {
        let mut written = 0;
        // SAFETY: an empty buffer asks for the size.
        query(|err| unsafe { sys::qslip_kl_save(self.raw, ptr::null_mut(), 0, &mut written, err) })?;
        let mut bytes = vec![0u8; written];
        // SAFETY: bytes is valid for its length.
        call(|err| unsafe {
            sys::qslip_kl_save(self.raw, bytes.as_mut_ptr().cast(), bytes.len(), &mut written, err)
        })?;
        bytes.truncate(written);
        Ok(bytes)
    }

    /// The accumulator [`Kl::save`] stored.
    pub fn restore(bytes: &[u8]) -> Result<Kl, Error> {
        let raw = call_for(ptr::null_mut(), |out, err| {
            // SAFETY: bytes is valid for its length.
            unsafe { sys::qslip_kl_restore(bytes.as_ptr().cast(), bytes.len(), out, err) }
        })?;
        Ok(Kl { raw })
    }
}

impl Drop for Kl {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used again.
        unsafe { sys::qslip_kl_destroy(self.raw, ptr::null_mut()) };
    }
}
