#include <qslip/schema.hpp>

#include <qslip.h>
#include <mutex>
#include <optional>
#include <vector>

#include "capi_arguments.hpp"
#include "guard.hpp"

using namespace qslip;
using namespace qslip::capi;

namespace {

/// A compiled schema and the scratch its callers' threads left behind, for the next ones.
class schema_object {
public:
    explicit schema_object(schema::compiled made) : compiled_(std::move(made)) {}

    result<schema::verdict> validate(std::string_view instance, schema::output how) {
        auto validator = take();
        auto validation = validator.validate(instance, how);
        // Scratch grows with its instances; that of a large one is not worth keeping.
        if (validation && instance.size() <= kept_instance_bytes) give_back(std::move(validator));
        return validation;
    }

    const schema::compiled& get() const { return compiled_; }

private:
    static constexpr std::size_t kept_instance_bytes = 1 << 20, kept_validators = 16;

    schema::validator take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return schema::validator(compiled_);
        auto taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
    }
    void give_back(schema::validator used) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kept_validators) idle_.push_back(std::move(used));
    }

    schema::compiled compiled_;
    std::mutex mutex_;
    std::vector<schema::validator> idle_;
};

using schema_ptr = std::shared_ptr<schema_object>;
using validation_ptr = std::shared_ptr<schema::verdict>;

status acquire_schema(const qslip_schema* handle, schema_ptr& object) {
    return acquire(handle, handle_kind::schema, "schema", object);
}
status acquire_validation(const qslip_validation* handle, validation_ptr& object) {
    return acquire(handle, handle_kind::validation, "validation", object);
}

status input_text(const char* text, std::size_t n_bytes, const char* name) {
    QSLIP_CHECK(required(text, name));
    return input_buffer(text, n_bytes, name);
}

std::optional<schema::dialect> dialect_of(std::uint32_t number) {
    switch (number) {
        case QSLIP_DIALECT_DRAFT4: return schema::dialect::draft4;
        case QSLIP_DIALECT_DRAFT6: return schema::dialect::draft6;
        case QSLIP_DIALECT_DRAFT7: return schema::dialect::draft7;
        case QSLIP_DIALECT_2019_09: return schema::dialect::draft2019_09;
        case QSLIP_DIALECT_DEFAULT:
        case QSLIP_DIALECT_2020_12: return schema::dialect::draft2020_12;
        case QSLIP_DIALECT_V1: return schema::dialect::v1;
        default: return std::nullopt;
    }
}

std::optional<schema::format_mode> format_mode_of(std::uint32_t number) {
    switch (number) {
        case QSLIP_FORMAT_BY_DIALECT: return schema::format_mode::by_dialect;
        case QSLIP_FORMAT_ANNOTATION: return schema::format_mode::annotation;
        case QSLIP_FORMAT_ASSERTION: return schema::format_mode::assertion;
        default: return std::nullopt;
    }
}

status read_documents(const qslip_schema_options& from, std::vector<schema::document>& to) {
    if (from.n_documents == 0) return {};
    QSLIP_CHECK(input_buffer(from.document_uris, from.n_documents, "options->document_uris"));
    QSLIP_CHECK(input_buffer(from.document_texts, from.n_documents, "options->document_texts"));
    for (std::uint64_t i = 0; i < from.n_documents; ++i) {
        QSLIP_CHECK(required(from.document_uris[i], "an entry of options->document_uris"));
        QSLIP_CHECK(required(from.document_texts[i], "an entry of options->document_texts"));
        to.push_back({from.document_uris[i], from.document_texts[i]});
    }
    return {};
}

status read_options(const qslip_schema_options* from, schema::compile_options& to) {
    if (from == nullptr) return {};
    QSLIP_CHECK(known_struct(from, "options"));
    const auto dialect = dialect_of(from->default_dialect);
    const auto formats = format_mode_of(from->format_mode);
    if (!dialect) return {errc::arg, "options->default_dialect is " + std::to_string(from->default_dialect)};
    if (!formats) return {errc::arg, "options->format_mode is " + std::to_string(from->format_mode)};
    to.default_dialect = *dialect;
    to.formats = *formats;
    if (from->base_uri) to.base_uri = from->base_uri;
    if (from->max_faults > 0) to.limits.schema_errors_kept = from->max_faults;
    if (from->max_steps > 0) to.limits.schema_steps = from->max_steps;
    return read_documents(*from, to.documents);
}

}  // namespace

qslip_status qslip_schema_compile(const char* text, size_t text_bytes, const qslip_schema_options* options,
                                  qslip_schema** schema, qslip_error* err) {
    return guard(err, [&]() -> status {
        QSLIP_CHECK(input_text(text, text_bytes, "text"));
        QSLIP_CHECK(output(schema, "schema"));
        schema::compile_options settings;
        QSLIP_CHECK(read_options(options, settings));
        QSLIP_TRY(auto made, schema::compile({text, text_bytes}, settings));
        return publish(handle_kind::schema, std::make_shared<schema_object>(std::move(made)), schema);
    });
}

qslip_status qslip_schema_check(const qslip_schema* schema, const char* instance, size_t instance_bytes,
                                uint32_t* valid, qslip_error* err) {
    return guard(err, [&]() -> status {
        schema_ptr object;
        QSLIP_CHECK(acquire_schema(schema, object));
        QSLIP_CHECK(input_text(instance, instance_bytes, "instance"));
        QSLIP_CHECK(output(valid, "valid"));
        QSLIP_TRY(const auto validation, object->validate({instance, instance_bytes}, schema::output::flag));
        *valid = validation.valid ? 1 : 0;
        return {};
    });
}

qslip_status qslip_schema_validate(const qslip_schema* schema, const char* instance, size_t instance_bytes,
                                   qslip_validation** validation, qslip_error* err) {
    return guard(err, [&]() -> status {
        schema_ptr object;
        QSLIP_CHECK(acquire_schema(schema, object));
        QSLIP_CHECK(input_text(instance, instance_bytes, "instance"));
        QSLIP_CHECK(output(validation, "validation"));
        QSLIP_TRY(auto got, object->validate({instance, instance_bytes}, schema::output::basic));
        return publish(handle_kind::validation, std::make_shared<schema::verdict>(std::move(got)),
                       validation);
    });
}

qslip_status qslip_schema_get_complexity(const qslip_schema* schema, qslip_schema_complexity* complexity,
                                         qslip_error* err) {
    return guard(err, [&]() -> status {
        schema_ptr object;
        QSLIP_CHECK(acquire_schema(schema, object));
        QSLIP_CHECK(known_struct(complexity, "complexity"));
        QSLIP_TRY(const auto found, schema::complexity_of(object->get()));
        fill(complexity,
             {sizeof(qslip_schema_complexity), static_cast<std::uint32_t>(class_of(found)), found.points(),
              found.depth, found.n_required, found.n_optional, found.n_arrays, found.n_arrays_of_objects,
              found.n_constraints, found.n_combinators, found.n_recursions});
        return {};
    });
}

qslip_status qslip_schema_destroy(qslip_schema* schema, qslip_error* err) {
    return guard(err, [&] { return destroy(schema, handle_kind::schema, "schema"); });
}

qslip_status qslip_validation_get_info(const qslip_validation* validation, qslip_validation_info* info,
                                       qslip_error* err) {
    return guard(err, [&]() -> status {
        validation_ptr object;
        QSLIP_CHECK(acquire_validation(validation, object));
        QSLIP_CHECK(known_struct(info, "info"));
        qslip_validation_info out = QSLIP_VALIDATION_INFO_INIT;
        out.valid = object->valid ? 1 : 0;
        out.n_faults = static_cast<std::uint32_t>(object->errors.size());
        out.has_more_faults = object->errors_cut ? 1 : 0;
        fill(info, out);
        return {};
    });
}

qslip_status qslip_validation_get_fault(const qslip_validation* validation, size_t i,
                                        qslip_validation_fault* fault, qslip_error* err) {
    return guard(err, [&]() -> status {
        validation_ptr object;
        QSLIP_CHECK(acquire_validation(validation, object));
        QSLIP_CHECK(known_struct(fault, "fault"));
        if (i >= object->errors.size())
            return {errc::arg, "there are " + std::to_string(object->errors.size()) +
                                   " faults, none has number " + std::to_string(i)};
        const auto& e = object->errors[i];
        fill(fault, {sizeof(qslip_validation_fault), e.n_causes, e.instance_location.c_str(),
                     e.instance_location.size(), e.keyword_location.c_str(), e.keyword_location.size(),
                     e.schema_location.c_str(), e.schema_location.size(), e.keyword.c_str(), e.keyword.size(),
                     e.message.c_str(), e.message.size()});
        return {};
    });
}

qslip_status qslip_validation_destroy(qslip_validation* validation, qslip_error* err) {
    return guard(err, [&] { return destroy(validation, handle_kind::validation, "validation"); });
}
