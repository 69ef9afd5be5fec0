#include "files.hpp"

#include <qslip/baseline.hpp>
#include <qslip/detail/core/text.hpp>

#include <filesystem>

namespace qslip::tool {
namespace {

namespace fs = std::filesystem;

std::string field_of(const capsule& stored, std::string_view name) {
    for (const auto& [field, value] : stored.fields())
        if (field == name) return value;
    return "";
}

status not_a_model(const std::string& path, const capsule& stored) {
    const auto base = fs::path(field_of(stored, "base_path")).filename().string();
    return {errc::format, escaped(path) + ": a baseline capsule (of " + escaped(base) + ", " +
                              grouped(stored.n_items()) +
                              " items), not a model; it can be BASE of qslip compare"};
}

}  // namespace

status check_may_be_model(const std::string& path, const limits& limits) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        return {errc::not_regular,
                escaped(path) +
                    ": a folder; a model is one GGUF file. llama.cpp's convert_hf_to_gguf.py "
                    "makes one of a folder with safetensors files"};
    if (!capsule::is_one(path)) return {};
    QSLIP_TRY(const auto stored, capsule::open(path, limits));
    return not_a_model(path, stored);
}

result<model> open_model(const std::string& path, const model_options& options) {
    QSLIP_CHECK(check_may_be_model(path, options.limits));
    return model::open(path, options);
}

status refuse_overwriting_input(const std::string& out, std::span<const std::string> inputs) {
    for (const auto& input : inputs) {
        std::error_code missing;  // then it is another file
        if (fs::equivalent(out, input, missing))
            return {errc::usage,
                    escaped(out) + ": is the input " + escaped(input) + "; give the output another name"};
    }
    return {};
}

status refuse_overwriting(const std::string& out) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(out, ignored))) return {};
    return {errc::usage, escaped(out) + ": exists already; give --force to replace it"};
}

}  // namespace qslip::tool
