#include "text/chat_template.hpp"

#include <qslip/detail/core/text.hpp>

#include "files/sha256.hpp"
#include "formats/gguf.hpp"
#include "json/json_read.hpp"
#include "text/chat/budget.hpp"
#include "text/chat/render_tree.hpp"

namespace qslip {

struct chat_template::program {
    chat::tree tree;
    std::string digest;
    qslip::limits limits;
};

namespace {

using chat::value;

status read_list(simdjson::dom::array from, value& into, chat::budget& costs);
status read_dict(simdjson::dom::object from, value& into, chat::budget& costs);

status keep(result<value> made, value& into) {
    if (made) into = *std::move(made);
    return made.status();
}

/// JSON as values that came from outside. Depth is bounded by the parser.
status read_value(simdjson::dom::element e, value& into, chat::budget& costs) {
    using type = simdjson::dom::element_type;
    QSLIP_CHECK(costs.charge(8));
    switch (e.type()) {
        case type::NULL_VALUE: into = {chat::none{}}; return {};
        case type::BOOL: into = {bool(e)}; return {};
        case type::INT64: into = {std::int64_t(e)}; return {};
        case type::UINT64: into = {static_cast<double>(std::uint64_t(e))}; return {};
        case type::DOUBLE: into = {double(e)}; return {};
        case type::STRING: return keep(costs.made(chat::make_text(std::string_view(e), true)), into);
        case type::ARRAY: return read_list(e, into, costs);
        case type::OBJECT: return read_dict(e, into, costs);
    }
    return status(errc::internal, "a JSON type of its own");
}

status read_list(simdjson::dom::array from, value& into, chat::budget& costs) {
    std::vector<value> items;
    for (const auto kid : from) {
        items.emplace_back();
        QSLIP_CHECK(read_value(kid, items.back(), costs));
    }
    return keep(costs.made(chat::make_list(std::move(items))), into);
}

status read_dict(simdjson::dom::object from, value& into, chat::budget& costs) {
    std::vector<std::pair<chat::text, value>> members;
    for (const auto [key, kid] : from) {
        members.emplace_back(chat::text(key, true), value());
        QSLIP_CHECK(read_value(kid, members.back().second, costs));
    }
    return keep(costs.made(chat::make_dict(std::move(members))), into);
}

result<value> read_json(std::string_view json, const char* what, const limits& limits) {
    const auto max_bytes =
        std::min(limits.json_bytes, limits.string_bytes);  // the prompt has no room for more
    if (json.size() > max_bytes)
        return status(errc::limit, std::string(what) + ": longer than " + grouped(max_bytes) + " bytes");
    json_reader reader(limits);
    const auto copy = json_text::copy_of(json);
    QSLIP_TRY(const auto root, reader.parse(copy, what));
    chat::budget costs(limits);
    value all;
    QSLIP_CHECK(read_value(root.element(), all, costs));
    return all;
}

chat_prompt finished(const chat::text& t) {
    chat_prompt out;
    out.text = t.bytes();
    for (std::size_t i = 0; i < t.size(); ++i) {
        const bool own = !t.is_input(i);
        if (out.parts.empty() || out.parts.back().parse_special != own) out.parts.push_back({0, own});
        ++out.parts.back().size_bytes;
    }
    return out;
}

using variables = std::vector<std::pair<std::string, value>>;

variables standard_variables(const chat_options& options) {
    return {{"tools", {chat::none{}}},
            {"documents", {chat::none{}}},
            {"add_generation_prompt", {options.add_generation_prompt}},
            {"bos_token", chat::make_text(options.bos_token)},
            {"eos_token", chat::make_text(options.eos_token)}};
}

}  // namespace

result<chat_template> chat_template::parse(std::string_view source, const limits& limits) {
    const auto max_bytes = std::min<std::size_t>(limits.string_bytes, chat::max_source_bytes);
    if (source.size() > max_bytes)
        return status(errc::limit, "chat template: longer than " + grouped(max_bytes) + " bytes");
    program p;
    QSLIP_TRY(p.tree, chat::parse_template(source));
    sha256 hash;
    hash.update(source);
    p.digest = hash.hex();
    p.limits = limits;
    p.limits.json_depth = std::min<std::uint64_t>(limits.json_depth, chat::max_value_depth);
    return chat_template(std::make_shared<const program>(std::move(p)));
}

result<chat_template> chat_template::from_gguf(const gguf_file& file, const limits& limits) {
    const auto source = file.get_string("tokenizer.chat_template");
    if (!source)
        return status(errc::not_found, escaped(file.file().path()) +
                                           ": no tokenizer.chat_template: messages cannot be rendered");
    auto parsed = parse(*source, limits);
    if (!parsed)
        return status(parsed.status().code(), escaped(file.file().path()) + ": " + parsed.status().message());
    return parsed;
}

result<chat_prompt> chat_template::render(std::string_view messages_json, const chat_options& options) const {
    auto all = standard_variables(options);
    QSLIP_TRY(auto messages, read_json(messages_json, "messages", program_->limits));
    if (!messages.items())
        return status(errc::schema, "messages must be a list, is " + chat::type_name(messages));
    all.emplace_back("messages", std::move(messages));
    QSLIP_TRY(const auto prompt, chat::render_tree(program_->tree, all, program_->limits));
    return finished(prompt);
}

result<chat_prompt> chat_template::render_variables(std::string_view variables_json,
                                                    const chat_options& options) const {
    auto all = standard_variables(options);
    QSLIP_TRY(const auto given, read_json(variables_json, "variables", program_->limits));
    if (!given.members())
        return status(errc::schema, "variables must be an object, is " + chat::type_name(given));
    for (const auto& [name, v] : given.members()->members) all.emplace_back(name.bytes(), v);
    QSLIP_TRY(const auto prompt, chat::render_tree(program_->tree, all, program_->limits));
    return finished(prompt);
}

chat_options chat_options_of(const tokenizer& vocab) {
    chat_options options;
    if (vocab.bos()) options.bos_token = vocab.token_bytes(*vocab.bos());
    if (vocab.eos()) options.eos_token = vocab.token_bytes(*vocab.eos());
    return options;
}

const std::string& chat_template::digest() const noexcept { return program_->digest; }

}  // namespace qslip
