#include <qslip/decoder.hpp>
#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

#include "formats/gguf.hpp"
#include "text/chat_template.hpp"
#include "tool/files.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

struct continuation {
    std::string text;
    std::vector<std::int32_t> tokens;
    bool ended = false;
};

/// --prompt as it is, control tokens parsed; --messages through the model's chat template.
result<std::vector<std::int32_t>> prompt_tokens(const model& m, const generate_args& args,
                                                const limits& limits) {
    if (args.messages_file.empty())
        return m.vocab().encode(args.prompt, {.add_bos_if_model_says = true, .parse_special = true});
    QSLIP_TRY(const auto messages, read_text_file(args.messages_file, limits));
    QSLIP_TRY(const auto chat, chat_template::from_gguf(m.gguf(), limits));
    QSLIP_TRY(const auto prompt, chat.render(messages, chat_options_of(m.vocab())));
    return m.vocab().encode_parts(prompt.text, prompt.parts);
}

result<continuation> continue_prompt(const generate_args& args, const context& run) {
    if (!args.prompt.empty() && !args.messages_file.empty())
        return status(errc::usage, "give either --prompt or --messages");
    QSLIP_TRY(model m, model::open(args.model, {run.limits, run.isa, args.pre, args.mode}));
    QSLIP_TRY(const auto prompt, prompt_tokens(m, args, run.limits));
    if (prompt.empty()) return status(errc::empty, "the prompt is empty");
    const std::size_t context = m.config().context_length;
    if (prompt.size() >= context)
        return status(errc::arg, "the prompt has " + std::to_string(prompt.size()) +
                                     " tokens; the model's context is " + std::to_string(context));
    QSLIP_CHECK(m.load(model_part::all, run.threads));
    const std::size_t max_tokens = std::min<std::size_t>(args.max_tokens, context - prompt.size());
    QSLIP_TRY(kv_cache cache, kv_cache::create(m, prompt.size() + max_tokens));
    greedy_item item{prompt, &cache, max_tokens, {}, false};
    scorer engine(m, nullptr, run.threads != 0 ? run.threads : default_threads());
    QSLIP_CHECK(generate_greedy(engine, {&item, 1}));
    QSLIP_TRY(std::string text, m.vocab().decode(item.tokens));
    return continuation{std::move(text), std::move(item.tokens), item.ended};
}

void print_json(const continuation& c) {
    std::string text;
    json_writer out(text);
    out.begin_object();
    out.member("text", c.text);
    out.key("tokens").begin_array();
    for (const std::int32_t id : c.tokens) out.value(id);
    out.end_array();
    out.member("ended", c.ended);
    out.end_object();
    std::printf("%s\n", text.c_str());
}

}  // namespace

int verb_generate(const generate_args& args, const context& run) {
    const auto c = continue_prompt(args, run);
    if (!c) return report_error(c.status());
    if (run.json)
        print_json(*c);
    else
        std::printf("%s\n", c->text.c_str());
    return exit_done;
}

}  // namespace qslip::tool
