#include <qslip/tokenizer.hpp>

#include <cstdio>

#include "formats/gguf.hpp"
#include "tool/files.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

result<std::string> input_text(const tokenize_args& args, const limits& limits) {
    if (args.file.empty()) return args.text;
    return read_text_file(args.file, limits);
}

status print_decoded(const tokenizer& vocab, const std::string& ids_json, const limits& limits) {
    QSLIP_TRY(const auto ids, parse_token_list(ids_json, "--text", limits));
    QSLIP_TRY(const auto text, vocab.decode(ids));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
}

status print_encoded(const tokenizer& vocab, const std::string& text, bool special) {
    encode_options options;
    options.parse_special = special;
    QSLIP_TRY(const auto ids, vocab.encode(text, options));
    std::string line = "[";
    for (const auto id : ids) line += (line.size() > 1 ? "," : "") + std::to_string(id);
    std::puts((line + "]").c_str());
    return {};
}

status tokenize(const tokenize_args& args, const context& c) {
    QSLIP_TRY(const auto file, gguf_file::open(args.model, c.limits));
    QSLIP_TRY(const auto vocab, tokenizer::from_gguf(file, c.limits, args.pre));
    QSLIP_TRY(const auto text, input_text(args, c.limits));
    return args.decode ? print_decoded(vocab, text, c.limits) : print_encoded(vocab, text, args.special);
}

}  // namespace

int verb_tokenize(const tokenize_args& args, const context& c) {
    const auto done = tokenize(args, c);
    return done.ok() ? exit_done : report_error(done);
}

}  // namespace qslip::tool
