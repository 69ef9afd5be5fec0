use crate::error::{call, call_for, query, Code, Error};
use crate::kl::Rows;
use qslip_sys as sys;
use std::ffi::CString;
use std::path::Path;
use std::ptr;

/// A GGUF model: tokenizer and teacher-forced scoring. Freed when dropped.
/// `Send` and `Sync`: any number of threads may use one at once.
#[derive(Debug)]
pub struct Model {
    raw: *mut sys::qslip_model,
}

// SAFETY: the handle is a number; the library synchronises what stands behind it.
unsafe impl Send for Model {}
unsafe impl Sync for Model {}

/// Numerics: how activations enter products; weights are exact in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Mode {
    /// fp32.
    #[default]
    F32 = sys::QSLIP_MODE_F32,
    /// 16-bit integers, a scale per 32.
    A16 = sys::QSLIP_MODE_A16,
    /// 8-bit integers as llama.cpp rounds them.
    A8 = sys::QSLIP_MODE_A8,
}

/// How to open a model; `Default` is the file's own tokenizer and the machine's best instruction set.
#[derive(Clone, Debug, Default)]
pub struct ModelOptions<'a> {
    /// Instruction set, e.g. "avx2".
    pub isa: Option<&'a str>,
    /// Pre-tokenizer instead of the file's.
    pub pre: Option<&'a str>,
    /// Memory the loaded weights may take.
    pub max_model_bytes: Option<u64>,
    pub mode: Mode,
}

/// How to read a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokenize {
    /// Put the BOS token first if the file asks for it.
    pub add_bos: bool,
    /// Special tokens written in the text become their ids.
    pub parse_special: bool,
}

/// Shape of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    pub n_vocab: usize,
    pub n_ctx: usize,
    pub n_layers: usize,
    pub d_model: usize,
    pub bos_token: Option<i32>,
    pub eos_token: Option<i32>,
    pub adds_bos: bool,
    /// Estimate for the loaded weights.
    pub memory_bytes: u64,
}

/// Raw logits, row-major [n_tokens, n_vocab]; row i predicts what follows token i.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    pub values: Vec<f32>,
    pub n_vocab: usize,
}

impl Logits {
    /// All rows, e.g. for [`crate::Kl::add`].
    pub fn rows(&self) -> Rows<'_> {
        Rows { values: &self.values, n_vocab: self.n_vocab, stride: self.n_vocab }
    }
    /// Row `i`; panics beyond the last.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.n_vocab..(i + 1) * self.n_vocab]
    }
}

pub(crate) fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error { code: Code::ARG, message: format!("{text:?} contains NUL") })
}

#[cfg(unix)]
fn c_path(path: &Path) -> Result<CString, Error> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Error { code: Code::ARG, message: format!("{path:?} contains NUL") })
}

impl Model {
    /// Opens a GGUF file; weights are read on first scoring, or by [`Model::load`].
    pub fn open(path: impl AsRef<Path>) -> Result<Model, Error> {
        Model::open_with(path, &ModelOptions::default())
    }

    pub fn open_with(path: impl AsRef<Path>, options: &ModelOptions<'_>) -> Result<Model, Error> {
        // SAFETY: takes nothing.
        let abi = unsafe { sys::qslip_abi_version() };
        if abi != sys::QSLIP_ABI_VERSION {
            let message = format!("libqslip has ABI {abi}, this crate needs {}", sys::QSLIP_ABI_VERSION);
            return Err(Error { code: Code::UNSUPPORTED, message });
        }
        let path = c_path(path.as_ref())?;
        let isa = options.isa.map(c_string).transpose()?;
        let pre = options.pre.map(c_string).transpose()?;
        let raw_options = sys::qslip_model_options {
            mode: options.mode as u32,
            isa: isa.as_ref().map_or(ptr::null(), |s| s.as_ptr()),
            pre: pre.as_ref().map_or(ptr::null(), |s| s.as_ptr()),
            max_model_bytes: options.max_model_bytes.unwrap_or(0),
            ..sys::QSLIP_MODEL_OPTIONS_INIT
        };
        let raw = call_for(ptr::null_mut(), |out, err| {
            // SAFETY: strings, options and output outlive the call.
            unsafe { sys::qslip_model_open(path.as_ptr(), &raw_options, out, err) }
        })?;
        Ok(Model { raw })
    }

    /// Reads and checks the weights now instead of on first use.
    pub fn load(&self) -> Result<(), Error> {
        // SAFETY: the handle lives as long as self.
        call(|err| unsafe { sys::qslip_model_load(self.raw, err) })
    }

    pub fn info(&self) -> Result<ModelInfo, Error> {
        let raw = call_for(sys::QSLIP_MODEL_INFO_INIT, |out, err| {
            // SAFETY: out is valid through the call and carries its size.
            unsafe { sys::qslip_model_get_info(self.raw, out, err) }
        })?;
        let token = |id: i32| if id < 0 { None } else { Some(id) };
        Ok(ModelInfo {
            n_vocab: raw.n_vocab as usize,
            n_ctx: raw.n_ctx as usize,
            n_layers: raw.n_layers as usize,
            d_model: raw.d_model as usize,
            bos_token: token(raw.bos_token),
            eos_token: token(raw.eos_token),
            adds_bos: raw.adds_bos != 0,
            memory_bytes: raw.memory_bytes,
        })
    }

    /// Token ids of a text.
    pub fn tokenize(&self, text: &str, how: Tokenize) -> Result<Vec<i32>, Error> {
        let flags = (how.add_bos as u32) * sys::QSLIP_TOKENIZE_ADD_BOS
            | (how.parse_special as u32) * sys::QSLIP_TOKENIZE_PARSE_SPECIAL;
        let fill = |tokens: &mut [i32], written: &mut usize, err| {
            // SAFETY: text and tokens are valid for the lengths given beside them.
            unsafe {
                sys::qslip_model_tokenize(
                    self.raw,
                    text.as_ptr().cast(),
                    text.len(),
                    flags,
                    tokens.as_mut_ptr(),
                    tokens.len(),
                    written,
                    err,
                )
            }
        };
        // A token is rarely shorter than a byte, so the first guess nearly always fits.
        let mut tokens = vec![0; text.len() + 1];
        let mut written = 0;
        query(|err| fill(&mut tokens, &mut written, err))?;
        if written > tokens.len() {
            tokens.resize(written, 0);
            call(|err| fill(&mut tokens, &mut written, err))?;
        }
        tokens.truncate(written);
        Ok(tokens)
    }

    /// The bytes the ids stand for; they may end inside a character.
    pub fn detokenize(&self, tokens: &[i32]) -> Result<Vec<u8>, Error> {
        let fill = |text: &mut [u8], written: &mut usize, err| {
            // SAFETY: tokens and text are valid for the lengths given beside them.
            unsafe {
                sys::qslip_model_detokenize(
                    self.raw,
                    tokens.as_ptr(),
                    tokens.len(),
                    text.as_mut_ptr().cast(),
                    text.len(),
                    written,
                    err,
                )
            }
        };
        let mut written = 0;
        query(|err| fill(&mut [], &mut written, err))?;
        let mut text = vec![0; written];
        call(|err| fill(&mut text, &mut written, err))?;
        Ok(text)
    }

    /// Teacher-forced logits of a sequence.
    pub fn score(&self, tokens: &[i32]) -> Result<Logits, Error> {
        let n_vocab = self.info()?.n_vocab;
        let mut values = vec![0.0; tokens.len() * n_vocab];
        self.score_into(tokens, &mut values)?;
        Ok(Logits { values, n_vocab })
    }

    /// As [`Model::score`], into a buffer of `tokens.len() * n_vocab` or more; returns how many were written.
    pub fn score_into(&self, tokens: &[i32], logits: &mut [f32]) -> Result<usize, Error> {
        let (ids, n_ids, cap) = (tokens.as_ptr(), tokens.len(), logits.len());
        call_for(0, |written, err| {
            // SAFETY: tokens and logits are valid for the lengths given beside them.
            unsafe { sys::qslip_model_score(self.raw, ids, n_ids, logits.as_mut_ptr(), cap, written, err) }
        })
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used again.
        unsafe { sys::qslip_model_destroy(self.raw, ptr::null_mut()) };
    }
}
