#include <qslip/detail/files/text_file.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdio>

#include "files.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

result<std::string> input_text(const tokenize_args& args, const limits& limits) {
    if (args.text) return *args.text;
    if (!args.file.empty()) return read_text_file(args.file, limits);
    return status(errc::usage, args.decode ? "give the token ids: --text '[504, 2967]' or --file IDS.json"
                                           : "give the text: --text 'The sky' or --file TEXT.txt");
}

result<std::vector<std::int32_t>> input_ids(const tokenize_args& args, const std::string& json,
                                            const limits& limits) {
    auto ids = parse_token_ids(json, args.text ? "--text" : args.file, limits);
    if (ids || ids.status().code() == errc::limit) return ids;
    return status(errc::usage, std::string(ids.status().message()) +
                                   "; --decode expects a JSON list of token ids, such as [504, 2967]");
}

void print_text(const std::string& text, bool json) {
    if (!json) return void(std::fwrite(text.data(), 1, text.size(), stdout));
    std::string document;
    json_writer(document).begin_object().member("text", text).end_object();
    print_json(document);
}

void print_ids(const std::vector<std::int32_t>& ids) {
    std::string document;
    json_writer out(document);
    out.begin_array();
    for (const auto id : ids) out.value(id);
    out.end_array();
    print_json(document);
}

}  // namespace

result<int> verb_tokenize(const tokenize_args& args, const context& run) {
    QSLIP_CHECK(check_may_be_model(args.model, run.limits));
    QSLIP_TRY(const auto vocab, tokenizer::open(args.model, run.limits, args.pre));
    QSLIP_TRY(const auto input, input_text(args, run.limits));
    if (args.decode) {
        QSLIP_TRY(const auto ids, input_ids(args, input, run.limits));
        QSLIP_TRY(const auto text, vocab.decode(ids));
        print_text(text, run.json);
    } else {
        QSLIP_TRY(const auto ids, vocab.encode(input, {.parse_special = args.special}));
        print_ids(ids);
    }
    return exit_done;
}

}  // namespace qslip::tool
