//! The binding against the library it finds; run by ../../test.sh.
//! QSLIP_TINY is a model file of tests/capi/tiny_model; QSLIP_MODEL, if set, a real one.
use qslip::{Code, Dialect, Formats, Kl, Mode, Model, ModelOptions, Rows, Schema, SchemaOptions, Tokenize};
use std::sync::Arc;
use std::thread;

fn tiny() -> Model {
    Model::open(std::env::var("QSLIP_TINY").expect("QSLIP_TINY is set")).unwrap()
}

const BASE: [f32; 12] = [1., 2., 3., 4., 0., 0., 1., -1., 2., 2., 0., 1.];
const CAND: [f32; 12] = [1., 2., 3., 3., 0., 1., 1., -1., 2., 1., 0., 1.];

fn kl_reference(a: &[f32], b: &[f32]) -> f64 {
    let log_sum = |row: &[f32]| row.iter().map(|&x| f64::from(x).exp()).sum::<f64>().ln();
    let (za, zb) = (log_sum(a), log_sum(b));
    a.iter()
        .zip(b)
        .map(|(&x, &y)| {
            let (p, q) = (f64::from(x) - za, f64::from(y) - zb);
            p.exp() * (p - q)
        })
        .sum()
}

fn filled() -> Kl {
    let mut kl = Kl::new().unwrap();
    for (i, (a, b)) in BASE.chunks(4).zip(CAND.chunks(4)).enumerate() {
        kl.add(i as u64, Rows::new(a, 4), Rows::new(b, 4)).unwrap();
    }
    kl
}

#[test]
fn versions_agree() {
    assert_eq!(qslip::version(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn errors_carry_code_and_message() {
    let why = Model::open("no/such/model.gguf").unwrap_err();
    assert_eq!(why.code, Code::NOT_FOUND);
    assert_eq!(why.code.name(), "not_found");
    assert!(why.to_string().contains("model.gguf"));
    assert_eq!(Model::open("nul\0inside").unwrap_err().code, Code::ARG);
}

#[test]
fn kl_mean_and_bounds() {
    let expected: f64 =
        BASE.chunks(4).zip(CAND.chunks(4)).map(|(a, b)| kl_reference(a, b)).sum::<f64>() / 3.0;
    let got = filled().summary().unwrap();
    assert!((got.mean_nats - expected).abs() < 1e-12);
    assert_eq!((got.n_positions, got.n_clusters, got.n_compared), (3, 3, 3));
    let (lower, upper) = got.bounds_nats.unwrap();
    assert!(lower < got.mean_nats && got.mean_nats < upper);
}

#[test]
fn rows_with_strides() {
    let (mut every_second, mut picked) = (Kl::new().unwrap(), Kl::new().unwrap());
    let strided = |values| Rows { values, n_vocab: 4, stride: 8 };
    every_second.add(1, strided(&BASE[..]), strided(&CAND[..])).unwrap();
    for i in [0, 8] {
        picked.add(1, Rows::new(&BASE[i..i + 4], 4), Rows::new(&CAND[i..i + 4], 4)).unwrap();
    }
    assert_eq!(every_second.save().unwrap(), picked.save().unwrap());
    assert!(picked.summary().unwrap().bounds_nats.is_none());
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let mut kl = Kl::new().unwrap();
    assert!(kl.add(1, Rows::new(&BASE[..4], 4), Rows::new(&CAND[..3], 3)).is_err());
    assert!(kl.add(1, Rows::new(&BASE[..4], 4), Rows::new(&CAND[..8], 4)).is_err());
    assert!(kl.add(1, Rows::new(&[], 4), Rows::new(&[], 4)).is_err());
    assert!(kl.add(1, Rows::new(&[], 0), Rows::new(&[], 0)).is_err());
    let overlapping = |values| Rows { values, n_vocab: 4, stride: 1 };
    assert_eq!(kl.add(1, overlapping(&BASE[..]), overlapping(&CAND[..])).unwrap_err().code, Code::ARG);
    assert_eq!(kl.summary().unwrap_err().code, Code::EMPTY);
}

#[test]
fn merge_save_load() {
    let whole = filled();
    let (mut twice, mut other) = (filled(), Kl::new().unwrap());
    twice.merge(&whole).unwrap();
    other.merge(&whole).unwrap();
    other.merge(&whole).unwrap();
    let bytes = other.save().unwrap();
    assert_eq!(bytes, twice.save().unwrap());
    assert_eq!(Kl::restore(&bytes).unwrap().summary().unwrap(), twice.summary().unwrap());
    assert_eq!(Kl::restore(&bytes[..bytes.len() - 1]).unwrap_err().code, Code::TRUNCATED);
    assert!(Kl::restore(&[]).is_err());
}

#[test]
fn text_to_ids_and_back() {
    let model = tiny();
    let plain = Tokenize::default();
    assert_eq!(model.tokenize("hello", plain).unwrap(), [258, 'o' as i32]);
    assert_eq!(model.tokenize("hello", Tokenize { add_bos: true, ..plain }).unwrap(), [259, 258, 'o' as i32]);
    assert_eq!(model.tokenize("</s>", Tokenize { parse_special: true, ..plain }).unwrap(), [260]);
    assert!(model.tokenize("", plain).unwrap().is_empty());
    let text = "h\0\u{e4}\u{1f600}";
    assert_eq!(model.detokenize(&model.tokenize(text, plain).unwrap()).unwrap(), text.as_bytes());
    assert_eq!(model.detokenize(&[-1]).unwrap_err().code, Code::ARG);
    assert_eq!(model.info().unwrap().eos_token, Some(260));
}

#[test]
fn scores_are_the_same_bits_in_every_thread() {
    let model = Arc::new(tiny());
    let ids: Vec<i32> = b"hello, hello".iter().map(|&b| i32::from(b)).collect();
    let expected = model.score(&ids).unwrap();
    assert_eq!((expected.n_vocab, expected.values.len()), (261, ids.len() * 261));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (model, ids) = (Arc::clone(&model), ids.clone());
            thread::spawn(move || model.score(&ids).unwrap())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
    let mut kl = Kl::new().unwrap();
    kl.add(1, expected.rows(), expected.rows()).unwrap();
    assert_eq!(kl.summary().unwrap().mean_nats, 0.0);
    assert_eq!(model.score(&[]).unwrap_err().code, Code::EMPTY);
    assert!(model.score_into(&ids, &mut [0.0; 5]).is_err());
}

#[test]
fn options() {
    let path = std::env::var("QSLIP_TINY").unwrap();
    let open = |options: &ModelOptions<'_>| Model::open_with(&path, options);
    assert!(open(&ModelOptions { isa: Some("mmx"), ..Default::default() }).is_err());
    assert_eq!(
        open(&ModelOptions { pre: Some("foo-9"), ..Default::default() }).unwrap_err().code,
        Code::UNSUPPORTED
    );
    for mode in [Mode::F32, Mode::A16, Mode::A8] {
        assert!(open(&ModelOptions { mode, ..Default::default() }).is_ok());
    }
    let small = open(&ModelOptions { max_model_bytes: Some(1000), ..Default::default() }).unwrap();
    assert_eq!(small.load().unwrap_err().code, Code::LIMIT);
}

const PERSON: &str =
    r#"{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"a\u0000b":{"const":1}}}"#;

#[test]
fn schema_answers_and_faults() {
    let schema = Arc::new(Schema::compile(PERSON).unwrap());
    assert!(schema.is_valid(br#"{"name":"Al"}"#).unwrap());
    assert!(!schema.is_valid(br#"{"name":1}"#).unwrap());
    assert!(schema.faults(br#"{"name":"Al"}"#).unwrap().is_empty());
    let faults = schema.faults(br#"{"name":1,"a\u0000b":2}"#).unwrap();
    assert_eq!(faults.len(), 2);
    assert_eq!((faults[0].instance_location.as_str(), faults[0].keyword.as_str()), ("/name", "type"));
    assert_eq!(faults[0].schema_location, "#/properties/name/type");
    assert_eq!(faults[0].keyword_location, "/properties/name/type");
    assert!(!faults[0].message.is_empty());
    assert_eq!(faults[1].instance_location, "/a\0b");
    assert_eq!(schema.complexity().unwrap().n_required, 1);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let schema = Arc::clone(&schema);
            thread::spawn(move || (0..200).all(|_| schema.is_valid(br#"{"name":"Al"}"#).unwrap()))
        })
        .collect();
    assert!(threads.into_iter().all(|t| t.join().unwrap()));
}

#[test]
fn schema_errors() {
    for (text, code) in [
        ("{", Code::FORMAT),
        (r##"{"$ref":"#"}"##, Code::SCHEMA),
        (r#"{"$schema":"x:y"}"#, Code::UNSUPPORTED),
    ] {
        assert_eq!(Schema::compile(text).unwrap_err().code, code);
    }
    let any = Schema::compile("true").unwrap();
    assert_eq!(any.is_valid(b"").unwrap_err().code, Code::FORMAT);
    assert_eq!(any.faults(b"[").unwrap_err().code, Code::FORMAT);
}

#[test]
fn schema_options() {
    let documents = [("http://example.org/a", r#"{"items":[{"format":"date"}]}"#)];
    let options = SchemaOptions {
        dialect: Dialect::Draft7,
        formats: Formats::Assertion,
        base_uri: Some("http://example.org/x"),
        documents: &documents,
        ..Default::default()
    };
    let schema = Schema::compile_with(r#"{"$ref":"a"}"#, &options).unwrap();
    assert!(schema.is_valid(br#"["2020-02-29"]"#).unwrap());
    assert!(!schema.is_valid(br#"["2021-02-29"]"#).unwrap());
    let small = SchemaOptions { max_faults: Some(2), max_steps: Some(1000), ..Default::default() };
    let few = Schema::compile_with(r#"{"items":{"type":"null"}}"#, &small).unwrap();
    assert_eq!(few.faults(b"[1,2,3]").unwrap().len(), 2);
    let many = format!("[{}null]", "null,".repeat(5000));
    assert_eq!(few.is_valid(many.as_bytes()).unwrap_err().code, Code::BUDGET);
}

#[test]
fn a_real_model() {
    let path = match std::env::var_os("QSLIP_MODEL") {
        Some(path) => path,
        None => return println!("SKIPPED: Rust on a real model because QSLIP_MODEL is not set"),
    };
    let model = Model::open(path).unwrap();
    let ids = model.tokenize("The capital of France is", Tokenize::default()).unwrap();
    let logits = model.score(&ids).unwrap();
    let last = logits.row(ids.len() - 1);
    let best = (0..last.len()).max_by(|&a, &b| last[a].total_cmp(&last[b])).unwrap();
    assert_eq!(model.detokenize(&[best as i32]).unwrap(), b" Paris");
}
