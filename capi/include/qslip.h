/* qslip: what quantization changed in a model. The C interface, complete in this one header.
 *
 * Rules that hold for every function
 *  - A function that can fail returns qslip_status and takes `qslip_error* err` last. `err` may be
 *    NULL; otherwise initialise it with QSLIP_ERROR_INIT, the call fills in code and message.
 *  - Names: qslip_<noun>_<verb>. What a noun tells about itself is a struct qslip_<noun>_<thing>, filled by
 *    qslip_<noun>_get_<thing>. `load` reads a model's weights, `restore` makes an object from what
 *    `save` stored.
 *  - Outputs are written only on success. The one exception: QSLIP_E_BUFFER stores the needed size
 *    in `*written`, so a call with (NULL, 0) asks for a size.
 *  - Handles (qslip_model*, qslip_kl*, ...) are numbers, not addresses: never dereference or offset one.
 *    NULL, freed, forged and wrong-kind handles give QSLIP_E_HANDLE. Destroying NULL does nothing.
 *  - Any other NULL gives QSLIP_E_NULL, unless its parameter says "may be NULL".
 *  - Structs start with `uint32_t struct_size`: initialise them with their _INIT macro. Fields are
 *    only ever appended; a field counts only when struct_size reaches it; bytes a library does not
 *    know, and reserved fields, must be zero, else QSLIP_E_STRUCT_SIZE.
 *  - The library copies what it keeps. Buffers belong to the caller and are borrowed for the call.
 *    Buffers of one call must not overlap and must be aligned for their type.
 *  - Text is UTF-8. Nothing is printed; no signal handler, thread-local or floating-point state of
 *    the caller is changed; no C++ exception leaves a function.
 *  - Threads: every function may be called from any thread. A qslip_model may be used by many
 *    threads at once, as may a qslip_schema and a qslip_validation. A qslip_kl that one thread
 *    changes is QSLIP_E_BUSY for the others. An object destroyed during a call lives until that call
 *    returns.
 *
 * Version 0.x: the interface may still change, CHANGELOG says where. "Since" names the version. */
#ifndef QSLIP_H
#define QSLIP_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define QSLIP_API __attribute__((visibility("default")))
#else
#define QSLIP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Number of the binary interface this header describes: it grows with every change that breaks programs
 * built before. */
#define QSLIP_ABI_VERSION 1

/* 0, or the reason of a failure. Values are pinned and never reused; expect new ones. */
typedef int32_t qslip_status;
enum {
    QSLIP_OK = 0,
    QSLIP_E_NULL = 1,            /* a required pointer is NULL */
    QSLIP_E_HANDLE = 2,          /* the handle is freed, forged or of another kind */
    QSLIP_E_ARG = 3,             /* an argument is out of range */
    QSLIP_E_STRUCT_SIZE = 4,     /* a struct has an unknown size or non-zero reserved bytes */
    QSLIP_E_BUFFER = 5,          /* the caller's buffer is too small */
    QSLIP_E_USAGE = 6,           /* the command line is wrong */
    QSLIP_E_IO = 10,             /* the operating system refused a file operation */
    QSLIP_E_NOT_FOUND = 11,      /* no such file, key or tensor */
    QSLIP_E_NOT_REGULAR = 12,    /* not a regular file */
    QSLIP_E_CHANGED = 13,        /* the file changed while in use */
    QSLIP_E_TRUNCATED = 20,      /* the file ends too early */
    QSLIP_E_FORMAT = 21,         /* the bytes do not follow the format */
    QSLIP_E_TYPE = 22,           /* a value has another type than asked for */
    QSLIP_E_LIMIT = 23,          /* a limit in force would be exceeded */
    QSLIP_E_UNSUPPORTED = 24,    /* valid, but not supported by this version */
    QSLIP_E_NONFINITE = 25,      /* NaN or infinity where a number is needed */
    QSLIP_E_SCHEMA = 26,         /* a suite, registry or schema line is malformed */
    QSLIP_E_EMPTY = 30,          /* nothing to measure */
    QSLIP_E_SHAPE = 31,          /* shapes do not match */
    QSLIP_E_NOT_COMPARABLE = 32, /* the two arms may not be compared */
    QSLIP_E_CONFLICT = 33,       /* states overlap partially or belong to different plans */
    QSLIP_E_BUDGET = 34,         /* a step, match or heap budget is exhausted */
    QSLIP_E_BUSY = 40,           /* the object is in use by another thread */
    QSLIP_E_CANCELLED = 41,      /* the caller asked to stop */
    QSLIP_E_NO_MEMORY = 42,      /* out of memory */
    QSLIP_E_NO_ISA = 43,         /* this machine lacks the instruction set asked for */
    QSLIP_E_INTERNAL = 99        /* a bug in qslip; please report it */
};

/* What went wrong: owned by the caller, written by the call it was passed to.
 * message: one line, UTF-8, NUL-terminated, "" after success. Since 0.1. */
typedef struct qslip_error {
    uint32_t struct_size;
    int32_t code; /* a qslip_status */
    char message[496];
} qslip_error;
#define QSLIP_ERROR_INIT              \
    {                                 \
        sizeof(qslip_error), 0, { 0 } \
    }

/* ---- version -------------------------------------------------------------------------------- */

/* ABI number of the loaded library: use it only when it equals QSLIP_ABI_VERSION. Since 0.1. */
QSLIP_API uint32_t qslip_abi_version(void);

/* Version of the loaded library, e.g. "0.1.0". Static storage, never NULL. Since 0.1. */
QSLIP_API const char* qslip_version_string(void);

/* Short lower-case name of a status, e.g. "not_found"; "unknown" for a number that is none.
 * Static storage, never NULL. Since 0.1. */
QSLIP_API const char* qslip_status_name(qslip_status code);

/* ---- model ---------------------------------------------------------------------------------- */

typedef struct qslip_model qslip_model;

/* Numerics modes; weights are exact in each. F32: fp32 activations. A16: 16-bit activations, a scale per 32.
 * A8: 8-bit activations as llama.cpp rounds them. */
enum { QSLIP_MODE_F32 = 0, QSLIP_MODE_A16 = 1, QSLIP_MODE_A8 = 2 };

typedef struct qslip_model_options {
    uint32_t struct_size;
    uint32_t mode;            /* QSLIP_MODE_... */
    const char* isa;          /* instruction set, e.g. "avx2"; NULL: the best of this machine */
    const char* pre;          /* pre-tokenizer instead of the file's; NULL: the file's */
    uint64_t max_model_bytes; /* memory the loaded model may take; 0: the library's default */
} qslip_model_options;
#define QSLIP_MODEL_OPTIONS_INIT \
    { sizeof(qslip_model_options), 0, NULL, NULL, 0 }

typedef struct qslip_model_info {
    uint32_t struct_size;
    uint32_t n_vocab; /* logits per position */
    uint32_t n_ctx;   /* positions the model was trained for */
    uint32_t n_layers;
    uint32_t d_model;      /* length of a hidden state */
    int32_t bos_token;     /* -1: none */
    int32_t eos_token;     /* -1: none */
    uint32_t adds_bos;     /* 1: the file asks for bos_token before a text */
    uint64_t memory_bytes; /* estimate: the loaded weights */
} qslip_model_info;
#define QSLIP_MODEL_INFO_INIT \
    { sizeof(qslip_model_info), 0, 0, 0, 0, 0, 0, 0, 0 }

/* Opens a GGUF file and reads its header; weights are read on first use or by qslip_model_load.
 * options may be NULL (defaults). *model is owned by the caller: qslip_model_destroy.
 * Errors: NOT_FOUND NOT_REGULAR IO, TRUNCATED FORMAT TYPE LIMIT SHAPE UNSUPPORTED, NO_ISA, ARG (unknown
 * mode). Since 0.1. */
QSLIP_API qslip_status qslip_model_open(const char* path, const qslip_model_options* options,
                                        qslip_model** model, qslip_error* err);

/* Reads and checks the weights now; once loaded it does nothing. Not needed before scoring.
 * Errors: NONFINITE CHANGED TRUNCATED LIMIT IO; the model stays usable for tokenizing. Since 0.1. */
QSLIP_API qslip_status qslip_model_load(qslip_model* model, qslip_error* err);

/* Fills *info up to info->struct_size. Since 0.1. */
QSLIP_API qslip_status qslip_model_get_info(const qslip_model* model, qslip_model_info* info,
                                            qslip_error* err);

enum {
    QSLIP_TOKENIZE_ADD_BOS = 1,      /* put bos_token first if the file asks for it */
    QSLIP_TOKENIZE_PARSE_SPECIAL = 2 /* special tokens written in the text become their ids */
};

/* Text to token ids. text [text_bytes] needs no NUL and may be NULL when text_bytes is 0.
 * tokens [cap] may be NULL when cap is 0; *written: ids stored.
 * Malformed UTF-8 goes in byte by byte. Errors: BUFFER (*written: ids needed), ARG (unknown flag),
 * LIMIT, UNSUPPORTED (a byte without a token). Since 0.1. */
QSLIP_API qslip_status qslip_model_tokenize(const qslip_model* model, const char* text, size_t text_bytes,
                                            uint32_t flags, int32_t* tokens, size_t cap, size_t* written,
                                            qslip_error* err);

/* Token ids to bytes, without a closing NUL. The bytes of a cut-off text may end inside a character.
 * text [cap] may be NULL when cap is 0; *written: bytes stored.
 * Errors: BUFFER (*written: bytes needed), ARG (an id outside the vocabulary). Since 0.1. */
QSLIP_API qslip_status qslip_model_detokenize(const qslip_model* model, const int32_t* tokens,
                                              size_t n_tokens, char* text, size_t cap, size_t* written,
                                              qslip_error* err);

/* Teacher-forced scoring: row i of logits [n_tokens, n_vocab] is the model's prediction of what
 * follows tokens[0..i]; raw logits, float32, row-major without gaps. cap and *written count floats.
 * The same bits on every machine, for every number of threads. Runs on the calling thread.
 * Errors: BUFFER (*written: floats needed), EMPTY, ARG (an id outside the vocabulary, more than n_ctx
 * tokens), and those of qslip_model_load. Logits that overflow are no error. Since 0.1. */
QSLIP_API qslip_status qslip_model_score(qslip_model* model, const int32_t* tokens, size_t n_tokens,
                                         float* logits, size_t cap, size_t* written, qslip_error* err);

/* Frees the model. NULL: nothing happens. Since 0.1. */
QSLIP_API qslip_status qslip_model_destroy(qslip_model* model, qslip_error* err);

/* ---- KL accumulator: works on logits of any engine, needs no model --------------------------- */

/* Sums KL(base || candidate) over positions, with what its interval needs. Fixed-size apart from
 * one row per cluster (at most 10^6). */
typedef struct qslip_kl qslip_kl;

typedef struct qslip_kl_summary {
    uint32_t struct_size;
    uint32_t has_bounds;  /* 1: lower and upper are set (needs two clusters), 0: they are 0 */
    uint64_t n_positions; /* positions in the mean */
    uint64_t n_clusters;
    double mean_nats;  /* >= 0; smaller is closer to the base */
    double lower_nats; /* cluster-robust bounds of the mean, one-sided 95 % each */
    double upper_nats;
    double q50_nats; /* quantiles of the positions, relative error <= 0.99 % */
    double q90_nats;
    double q99_nats;
    double max_nats;
    uint64_t n_compared;         /* positions with two usable rows, infinite KL included */
    uint64_t n_top1_agree;       /* of these, where both rank the same token first (lowest id on ties) */
    uint64_t n_support_mismatch; /* of these, where one row masks a token the other does not */
    uint64_t n_base_nonfinite;   /* left out: NaN, +Inf or nothing but -Inf in the base row */
    uint64_t n_cand_nonfinite;   /* left out: the same in the candidate row */
    uint64_t n_clipped;          /* counted, but clamped to 1024 nats */
} qslip_kl_summary;
#define QSLIP_KL_SUMMARY_INIT \
    { sizeof(qslip_kl_summary), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* *kl is owned by the caller: qslip_kl_destroy. Since 0.1. */
QSLIP_API qslip_status qslip_kl_create(qslip_kl** kl, qslip_error* err);

/* Adds n_rows positions. Row r of the base is base[r * base_stride .. + n_vocab), logits of any
 * scale; cand likewise. Strides count floats and are >= n_vocab. cluster: the prompt (or document)
 * all these rows belong to; rows of one cluster are not independent and may come in many calls.
 * Rows with NaN, Inf or different masks are no error: they are counted, see qslip_kl_summary.
 * Errors: EMPTY (n_rows or n_vocab 0), ARG (stride, alignment), LIMIT (clusters), BUSY. Since 0.1. */
QSLIP_API qslip_status qslip_kl_add(qslip_kl* kl, uint64_t cluster, const float* base, size_t base_stride,
                                    const float* cand, size_t cand_stride, size_t n_rows, size_t n_vocab,
                                    qslip_error* err);

/* Adds all of `other` to `kl`; any order and grouping gives the same state to the last bit.
 * Errors: ARG (both are one), LIMIT (clusters), NO_MEMORY (kl is as before), BUSY. Since 0.1. */
QSLIP_API qslip_status qslip_kl_merge(qslip_kl* kl, const qslip_kl* other, qslip_error* err);

/* Stores the state as bytes: versioned, checksummed, little-endian; equal states, equal bytes.
 * state [cap] may be NULL when cap is 0. Errors: BUFFER (*written: bytes needed), BUSY. Since 0.1. */
QSLIP_API qslip_status qslip_kl_save(const qslip_kl* kl, void* state, size_t cap, size_t* written,
                                     qslip_error* err);

/* Makes the accumulator qslip_kl_save stored; state [state_bytes]. Errors: TRUNCATED, FORMAT (damaged),
 * UNSUPPORTED (a newer version), LIMIT. *kl is owned by the caller: qslip_kl_destroy. Since 0.1. */
QSLIP_API qslip_status qslip_kl_restore(const void* state, size_t state_bytes, qslip_kl** kl,
                                        qslip_error* err);

/* Fills *summary up to summary->struct_size. Errors: EMPTY (no position in the mean), BUSY. Since 0.1. */
QSLIP_API qslip_status qslip_kl_get_summary(const qslip_kl* kl, qslip_kl_summary* summary, qslip_error* err);

/* Frees the accumulator. NULL: nothing happens. Since 0.1. */
QSLIP_API qslip_status qslip_kl_destroy(qslip_kl* kl, qslip_error* err);

/* ---- JSON Schema ----------------------------------------------------------------------------- */

/* A compiled schema: compile once, validate many. */
typedef struct qslip_schema qslip_schema;

/* The answer about one instance and its faults. */
typedef struct qslip_validation qslip_validation;

/* What a schema without $schema is read as. */
enum {
    QSLIP_DIALECT_DEFAULT = 0, /* 2020-12 */
    QSLIP_DIALECT_V1 = 1,
    QSLIP_DIALECT_DRAFT4 = 4,
    QSLIP_DIALECT_DRAFT6 = 6,
    QSLIP_DIALECT_DRAFT7 = 7,
    QSLIP_DIALECT_2019_09 = 201909,
    QSLIP_DIALECT_2020_12 = 202012
};

/* What `format` does. */
enum {
    QSLIP_FORMAT_BY_DIALECT = 0, /* as the schema's dialect and vocabularies say */
    QSLIP_FORMAT_ANNOTATION = 1,
    QSLIP_FORMAT_ASSERTION = 2
};

typedef struct qslip_schema_options {
    uint32_t struct_size;
    uint32_t default_dialect; /* QSLIP_DIALECT_... */
    uint32_t format_mode;     /* QSLIP_FORMAT_... */
    uint32_t max_faults;      /* faults kept of one instance; 0: the library's default */
    const char* base_uri;     /* URI of a schema without $id; NULL: none */
    /* Schemas that $ref may name: n_documents absolute URIs and their texts, each NUL-terminated.
     * Nothing else is loaded, from file or network. Both may be NULL when n_documents is 0. */
    const char* const* document_uris;
    const char* const* document_texts;
    uint64_t n_documents;
    uint64_t max_steps; /* work one validation may take; 0: the library's default */
} qslip_schema_options;
#define QSLIP_SCHEMA_OPTIONS_INIT \
    { sizeof(qslip_schema_options), 0, 0, 0, NULL, NULL, NULL, 0, 0 }

typedef struct qslip_validation_info {
    uint32_t struct_size;
    uint32_t valid;           /* 1 or 0 */
    uint32_t n_faults;        /* faults kept; 0 when valid */
    uint32_t has_more_faults; /* 1: there are more than are kept */
} qslip_validation_info;
#define QSLIP_VALIDATION_INFO_INIT \
    { sizeof(qslip_validation_info), 0, 0, 0 }

/* One fault. Texts are UTF-8, NUL-terminated, with their length in bytes beside them (a location can
 * hold NUL), and borrowed from the validation until that is destroyed. Locations are JSON pointers. */
typedef struct qslip_validation_fault {
    uint32_t struct_size;
    uint32_t n_causes; /* how many of the faults just before this one explain it, theirs included */
    const char* instance_location;
    uint64_t instance_location_bytes;
    const char* keyword_location; /* the way the evaluation took, through references */
    uint64_t keyword_location_bytes;
    const char* schema_location; /* absolute URI with a pointer as fragment */
    uint64_t schema_location_bytes;
    const char* keyword;
    uint64_t keyword_bytes;
    const char* message; /* one line */
    uint64_t message_bytes;
} qslip_validation_fault;
#define QSLIP_VALIDATION_FAULT_INIT \
    { sizeof(qslip_validation_fault), 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0 }

/* How much structure a schema asks of an output; format compliance falls with it. */
typedef struct qslip_schema_complexity {
    uint32_t struct_size;
    uint32_t complexity_class; /* 0 to 3: S0 to S3 */
    double points;             /* the score the class is cut from, >= 0; more is harder */
    uint64_t depth;            /* deepest nesting of objects and arrays */
    uint64_t n_required;       /* scalar leaves that must be there */
    uint64_t n_optional;       /* other scalar leaves */
    uint64_t n_arrays;
    uint64_t n_arrays_of_objects;
    uint64_t n_constraints; /* keywords that bound a value */
    uint64_t n_combinators; /* anyOf, oneOf, allOf, not, if */
    uint64_t n_recursions;  /* references back to a schema around them */
} qslip_schema_complexity;
#define QSLIP_SCHEMA_COMPLEXITY_INIT \
    { sizeof(qslip_schema_complexity), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Compiles a JSON Schema. text [text_bytes] needs no NUL. options may be NULL (defaults).
 * *schema is owned by the caller: qslip_schema_destroy.
 * Errors: FORMAT (not JSON), SCHEMA (a keyword's value, a reference without target or in a loop, a bad
 * pattern), UNSUPPORTED (unknown dialect or vocabulary), LIMIT, ARG (an unknown option value). Since 0.1. */
QSLIP_API qslip_status qslip_schema_compile(const char* text, size_t text_bytes,
                                            const qslip_schema_options* options, qslip_schema** schema,
                                            qslip_error* err);

/* Is the instance valid? *valid: 1 or 0. Stops at the first fault.
 * Errors: FORMAT (not JSON), SCHEMA (a key twice in an object, references that loop without progress),
 * LIMIT, BUDGET (max_steps, or a pattern's own bound). Since 0.1. */
QSLIP_API qslip_status qslip_schema_check(const qslip_schema* schema, const char* instance,
                                          size_t instance_bytes, uint32_t* valid, qslip_error* err);

/* As qslip_schema_check, with every fault. *validation is owned by the caller: qslip_validation_destroy.
 * Since 0.1. */
QSLIP_API qslip_status qslip_schema_validate(const qslip_schema* schema, const char* instance,
                                             size_t instance_bytes, qslip_validation** validation,
                                             qslip_error* err);

/* Fills *complexity up to complexity->struct_size.
 * Errors: BUDGET (references spread the schema too wide). Since 0.1. */
QSLIP_API qslip_status qslip_schema_get_complexity(const qslip_schema* schema,
                                                   qslip_schema_complexity* complexity, qslip_error* err);

/* Frees the schema; its validations stay. NULL: nothing happens. Since 0.1. */
QSLIP_API qslip_status qslip_schema_destroy(qslip_schema* schema, qslip_error* err);

/* Fills *info up to info->struct_size. Since 0.1. */
QSLIP_API qslip_status qslip_validation_get_info(const qslip_validation* validation,
                                                 qslip_validation_info* info, qslip_error* err);

/* Fault number i, 0 <= i < n_faults. Errors: ARG (no such fault). Since 0.1. */
QSLIP_API qslip_status qslip_validation_get_fault(const qslip_validation* validation, size_t i,
                                                  qslip_validation_fault* fault, qslip_error* err);

/* Frees the validation and the texts of its faults. NULL: nothing happens. Since 0.1. */
QSLIP_API qslip_status qslip_validation_destroy(qslip_validation* validation, qslip_error* err);

#ifdef __cplusplus
}
#endif

#endif
