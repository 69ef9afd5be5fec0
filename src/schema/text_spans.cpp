#include "schema/text_spans.hpp"

#include <qslip/detail/core/text.hpp>

#include "json/json_scanner.hpp"

namespace qslip::schema {
namespace {

kind kind_of(char first) {
    switch (first) {
        case '{': return kind::object;
        case '[': return kind::array;
        case '"': return kind::string;
        case 't': return kind::true_;
        case 'f': return kind::false_;
        case 'n': return kind::null;
        default: return kind::decimal;
    }
}

class span_builder {
public:
    explicit span_builder(text_spans& out) : out_(out) {}

    void record(const json_token& token, char first) {
        if (token.part == json_token::part::close) {
            end(open_.back(), token);
            open_.pop_back();
            return;
        }
        const auto node = static_cast<std::uint32_t>(out_.nodes.size());
        const auto parent = open_.empty() ? none : open_.back();
        out_.nodes.push_back({static_cast<std::uint32_t>(token.begin), 0, 0, parent, kind_of(first), false});
        if (token.part == json_token::part::open)
            open_.push_back(node);
        else
            end(node, token);
    }

    /// What is open reaches as far as the text is sound.
    void stop(std::size_t byte, bool complete) {
        out_.stop = byte;
        out_.complete = complete;
        for (const auto node : open_) {
            out_.nodes[node].end = static_cast<std::uint32_t>(byte);
            out_.nodes[node].next = static_cast<std::uint32_t>(out_.nodes.size());
        }
        // A number at the very end of a whole text ends there.
        if (complete) out_.nodes[0].closed = true;
    }

private:
    void end(std::uint32_t node, const json_token& token) {
        out_.nodes[node].closed = token.closed;
        out_.nodes[node].end = static_cast<std::uint32_t>(token.end);
        out_.nodes[node].next = static_cast<std::uint32_t>(out_.nodes.size());
    }

    text_spans& out_;
    std::vector<std::uint32_t> open_;
};

}  // namespace

result<text_spans> text_spans::read(std::string_view text, const limits& limits) {
    if (text.size() > limits.json_bytes || text.size() > 0xfffffff0u)
        return status(errc::limit, "JSON of " + grouped(text.size()) + " bytes; the limit json_bytes is " +
                                       grouped(limits.json_bytes));
    text_spans out;
    span_builder spans(out);
    json_scanner scanner(text, json_strings::unicode);
    while (const auto token = scanner.next()) {
        if (scanner.depth() > limits.json_depth)
            return status(errc::limit, "nested deeper than " + std::to_string(limits.json_depth) +
                                           " levels (limit json_depth)");
        spans.record(*token, text[token->begin]);
    }
    spans.stop(scanner.stop(), !scanner.fault());
    return out;
}

}  // namespace qslip::schema
