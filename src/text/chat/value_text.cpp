#include "text/chat/value_text.hpp"

#include <charconv>
#include <cmath>

namespace qslip::chat {
namespace {

/// As Python's repr of a float.
std::string float_text(double x) {
    if (std::isnan(x)) return "nan";
    if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
    const double size = std::fabs(x);
    const auto form =
        size == 0 || (size >= 1e-4 && size < 1e16) ? std::chars_format::fixed : std::chars_format::scientific;
    char buffer[400];
    std::string out(buffer, std::to_chars(buffer, buffer + sizeof buffer, x, form).ptr);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

/// str(), repr() and JSON of one value. What is begun and not ended stands in `open_`: nesting takes no
/// stack.
class value_writer {
public:
    enum class style { python, json };
    value_writer(style s, std::int64_t indent, const budget& costs)
        : style_(s), indent_(indent), costs_(costs) {}

    result<text> written(const value& v) {
        if (v.string() && !json()) return *v.string();
        QSLIP_CHECK(write(v, false));
        while (!open_.empty()) {
            QSLIP_CHECK(costs_.need_string_size(out_.size()));
            QSLIP_CHECK(write_next());
        }
        return std::move(out_);
    }

private:
    struct open_value {
        const value* of;
        std::size_t n_written;
    };

    void put(std::string_view bytes) { out_ += text(bytes, false); }
    bool json() const { return style_ == style::json; }

    status write(const value& v, bool nested) {
        if (const auto* s = v.string()) {
            quote(*s);
            return {};
        }
        if (!v.items() && !v.members()) return write_scalar(v, nested);
        put(v.members() ? "{" : is_tuple(v) ? "(" : "[");
        open_.push_back({&v, 0});
        return {};
    }
    /// One more item of the innermost list or dict, or its end.
    status write_next() {
        auto& [of, n_written] = open_.back();
        const auto* d = of->members();
        const auto n = d ? d->members.size() : of->items()->items.size();
        if (n_written == n) return close(*of, n);
        if (n_written > 0) put(json() && indent_ >= 0 ? "," : ", ");
        new_line();
        const auto i = n_written++;
        if (!d) return write(of->items()->items[i], true);
        quote(d->members[i].first);
        put(": ");
        return write(d->members[i].second, true);
    }
    status close(const value& v, std::size_t n) {
        open_.pop_back();
        if (is_tuple(v) && n == 1) put(",");
        if (n > 0) new_line();
        put(v.members() ? "}" : is_tuple(v) ? ")" : "]");
        return {};
    }
    bool is_tuple(const value& v) const { return v.items() && v.items()->is_tuple && !json(); }
    void new_line() {
        if (indent_ < 0) return;
        put("\n" + std::string(static_cast<std::size_t>(indent_) * open_.size(), ' '));
    }

    status write_scalar(const value& v, bool nested) {
        if (v.is_undefined() && !nested && !json()) return {};
        if (v.as<none>()) return put(json() ? "null" : "None"), status();
        if (const auto* b = v.as<bool>())
            return put(json() ? (*b ? "true" : "false") : (*b ? "True" : "False")), status();
        if (const auto* i = v.as<std::int64_t>()) return put(std::to_string(*i)), status();
        if (const auto* d = v.as<double>()) return put(float_text(*d)), status();
        return {errc::unsupported, "writes out " + type_name(v)};
    }

    /// Escaped bytes keep the origin of what they stand for.
    void quote(const text& s) {
        const bool single = !json() && (s.bytes().find('\'') == std::string::npos ||
                                        s.bytes().find('"') != std::string::npos);
        const char mark = single ? '\'' : '"';
        put({&mark, 1});
        for (std::size_t i = 0; i < s.size(); ++i)
            out_ += text(escaped_byte(s.bytes()[i], mark), s.is_input(i));
        put({&mark, 1});
    }
    std::string escaped_byte(char c, char mark) const {
        static constexpr char hex[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (c == mark || c == '\\') return {'\\', c};
        if (c == '\n') return "\\n";
        if (c == '\r') return "\\r";
        if (c == '\t') return "\\t";
        if (json() && c == '\b') return "\\b";
        if (json() && c == '\f') return "\\f";
        if (byte < 0x20 || (byte == 0x7F && !json()))
            return std::string(json() ? "\\u00" : "\\x") + hex[byte >> 4] + hex[byte & 15];
        return {c};
    }

    style style_;
    std::int64_t indent_;
    const budget& costs_;
    std::vector<open_value> open_;
    text out_;
};

result<text> written(const value& v, value_writer::style how, std::int64_t indent, budget& costs) {
    QSLIP_CHECK(costs.charge(v.weight()));
    return value_writer(how, indent, costs).written(v);
}

}  // namespace

result<text> to_text(const value& v, budget& costs) {
    return written(v, value_writer::style::python, -1, costs);
}

result<text> to_json(const value& v, std::int64_t indent, budget& costs) {
    return written(v, value_writer::style::json, indent, costs);
}

}  // namespace qslip::chat
