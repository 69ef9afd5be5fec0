#include <qslip/decoder.hpp>
#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

#include "files.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

struct continuation {
    std::string text;
    std::vector<std::int32_t> tokens;
    bool ended = false;
};

/// A line of a suite is what people give by mistake.
status check_is_list(const std::string& messages, const std::string& path) {
    const auto start = messages.find_first_not_of(" \t\r\n");
    if (start == messages.npos || messages[start] != '{') return {};
    return {errc::usage,
            escaped(path) +
                R"(: expected a JSON list of turns, such as [{"role":"user","content":"Hi"}]; this is an )"
                R"(object (of a suite's line, take the value of "messages"))"};
}

/// --prompt as it is, control tokens parsed; --messages through the model's chat template.
result<std::vector<std::int32_t>> prompt_tokens(const model& m, const generate_args& args,
                                                const limits& limits) {
    if (args.messages_file.empty())
        return m.vocab().encode(args.prompt, {.add_bos_if_model_says = true, .parse_special = true});
    QSLIP_TRY(const auto messages, read_text_file(args.messages_file, limits));
    QSLIP_CHECK(check_is_list(messages, args.messages_file));
    return encode_messages(m, messages, limits);
}

result<continuation> continue_prompt(const generate_args& args, const context& run) {
    if (args.prompt.empty() == args.messages_file.empty())
        return status(errc::usage, "give either --prompt TEXT or --messages FILE");
    QSLIP_TRY(model m, open_model(args.model, {run.limits, run.isa, args.pre, args.mode}));
    QSLIP_TRY(const auto prompt, prompt_tokens(m, args, run.limits));
    if (prompt.empty()) return status(errc::empty, "the prompt is empty");
    const std::size_t context = m.config().context_length;
    if (prompt.size() >= context)
        return status(errc::arg, "the prompt has " + grouped(prompt.size()) +
                                     " tokens; the model's context is " + grouped(context));
    QSLIP_CHECK(m.load(model_part::all, run.threads));
    const std::size_t max_tokens = std::min<std::size_t>(args.max_tokens, context - prompt.size());
    generation item{prompt, max_tokens};
    QSLIP_CHECK(generate(m, {&item, 1}, {.threads = run.threads != 0 ? run.threads : default_threads()}));
    QSLIP_TRY(std::string text, m.vocab().decode(item.tokens));
    return continuation{std::move(text), std::move(item.tokens), item.ended};
}

std::string document_of(const continuation& c) {
    std::string text;
    json_writer out(text);
    out.begin_object().member("text", c.text).key("tokens").begin_array();
    for (const std::int32_t id : c.tokens) out.value(id);
    out.end_array().member("ended", c.ended).end_object();
    return text;
}

}  // namespace

result<int> verb_generate(const generate_args& args, const context& run) {
    QSLIP_TRY(const auto c, continue_prompt(args, run));
    if (run.json)
        print_json(document_of(c));
    else
        std::printf("%s\n", c.text.c_str());
    return exit_done;
}

}  // namespace qslip::tool
