/* The structs as version 0.1 published them: sizes and offsets on 64-bit machines never change. */
#include <qslip.h>

#define FROZEN(condition, name) typedef char frozen_##name[(condition) ? 1 : -1]
#define AT(type, field, offset) FROZEN(offsetof(type, field) == (offset), type##_##field)

#if UINTPTR_MAX == UINT64_MAX
FROZEN(sizeof(qslip_error) == 504, error_size);
AT(qslip_error, struct_size, 0);
AT(qslip_error, code, 4);
AT(qslip_error, message, 8);

FROZEN(sizeof(qslip_model_options) == 32, model_options_size);
AT(qslip_model_options, struct_size, 0);
AT(qslip_model_options, mode, 4);
AT(qslip_model_options, isa, 8);
AT(qslip_model_options, pre, 16);
AT(qslip_model_options, max_model_bytes, 24);

FROZEN(sizeof(qslip_model_info) == 40, model_info_size);
AT(qslip_model_info, n_vocab, 4);
AT(qslip_model_info, n_ctx, 8);
AT(qslip_model_info, n_layers, 12);
AT(qslip_model_info, d_model, 16);
AT(qslip_model_info, bos_token, 20);
AT(qslip_model_info, eos_token, 24);
AT(qslip_model_info, adds_bos, 28);
AT(qslip_model_info, memory_bytes, 32);

FROZEN(sizeof(qslip_kl_summary) == 128, kl_summary_size);
AT(qslip_kl_summary, has_bounds, 4);
AT(qslip_kl_summary, n_positions, 8);
AT(qslip_kl_summary, n_clusters, 16);
AT(qslip_kl_summary, mean_nats, 24);
AT(qslip_kl_summary, lower_nats, 32);
AT(qslip_kl_summary, upper_nats, 40);
AT(qslip_kl_summary, q50_nats, 48);
AT(qslip_kl_summary, q90_nats, 56);
AT(qslip_kl_summary, q99_nats, 64);
AT(qslip_kl_summary, max_nats, 72);
AT(qslip_kl_summary, n_compared, 80);
AT(qslip_kl_summary, n_top1_agree, 88);
AT(qslip_kl_summary, n_support_mismatch, 96);
AT(qslip_kl_summary, n_base_nonfinite, 104);
AT(qslip_kl_summary, n_cand_nonfinite, 112);
AT(qslip_kl_summary, n_clipped, 120);

FROZEN(sizeof(qslip_schema_options) == 56, schema_options_size);
AT(qslip_schema_options, default_dialect, 4);
AT(qslip_schema_options, format_mode, 8);
AT(qslip_schema_options, max_faults, 12);
AT(qslip_schema_options, base_uri, 16);
AT(qslip_schema_options, document_uris, 24);
AT(qslip_schema_options, document_texts, 32);
AT(qslip_schema_options, n_documents, 40);
AT(qslip_schema_options, max_steps, 48);

FROZEN(sizeof(qslip_schema_complexity) == 80, schema_complexity_size);
AT(qslip_schema_complexity, complexity_class, 4);
AT(qslip_schema_complexity, points, 8);
AT(qslip_schema_complexity, depth, 16);
AT(qslip_schema_complexity, n_required, 24);
AT(qslip_schema_complexity, n_optional, 32);
AT(qslip_schema_complexity, n_arrays, 40);
AT(qslip_schema_complexity, n_arrays_of_objects, 48);
AT(qslip_schema_complexity, n_constraints, 56);
AT(qslip_schema_complexity, n_combinators, 64);
AT(qslip_schema_complexity, n_recursions, 72);

FROZEN(sizeof(qslip_validation_info) == 16, validation_info_size);
AT(qslip_validation_info, valid, 4);
AT(qslip_validation_info, n_faults, 8);
AT(qslip_validation_info, has_more_faults, 12);

FROZEN(sizeof(qslip_validation_fault) == 88, validation_fault_size);
AT(qslip_validation_fault, n_causes, 4);
AT(qslip_validation_fault, instance_location, 8);
AT(qslip_validation_fault, instance_location_bytes, 16);
AT(qslip_validation_fault, keyword_location, 24);
AT(qslip_validation_fault, keyword_location_bytes, 32);
AT(qslip_validation_fault, schema_location, 40);
AT(qslip_validation_fault, schema_location_bytes, 48);
AT(qslip_validation_fault, keyword, 56);
AT(qslip_validation_fault, keyword_bytes, 64);
AT(qslip_validation_fault, message, 72);
AT(qslip_validation_fault, message_bytes, 80);
#endif
FROZEN(QSLIP_ABI_VERSION == 1, abi_version);
FROZEN(QSLIP_TOKENIZE_ADD_BOS == 1 && QSLIP_TOKENIZE_PARSE_SPECIAL == 2, tokenize_flags);
FROZEN(QSLIP_DIALECT_DEFAULT == 0 && QSLIP_DIALECT_V1 == 1 && QSLIP_DIALECT_DRAFT4 == 4, dialects);
FROZEN(QSLIP_DIALECT_DRAFT6 == 6 && QSLIP_DIALECT_DRAFT7 == 7, dialects_by_draft);
FROZEN(QSLIP_DIALECT_2019_09 == 201909 && QSLIP_DIALECT_2020_12 == 202012, dialects_by_date);
FROZEN(QSLIP_FORMAT_BY_DIALECT == 0 && QSLIP_FORMAT_ANNOTATION == 1 && QSLIP_FORMAT_ASSERTION == 2, formats);
