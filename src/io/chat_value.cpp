#include "io/chat_value.hpp"

#include <qslip/core/utf8.hpp>
#include <qslip/io/json_writer.hpp>

#include <charconv>
#include <cmath>

namespace qslip::chat {

std::string type_name(const value& v) {
    static constexpr const char* names[] = {"undefined",   "none",     "a boolean", "an integer",
                                            "a float",     "a string", "a list",    "a dict",
                                            "a namespace", "the loop", "a macro",   "a function"};
    return names[v.v.index()];
}

bool truthy(const value& v) {
    if (v.is_undefined() || v.as<none>()) return false;
    if (const auto* b = v.as<bool>()) return *b;
    if (const auto* i = v.as<std::int64_t>()) return *i != 0;
    if (const auto* d = v.as<double>()) return *d != 0;
    if (const auto* s = v.string()) return s->size() != 0;
    if (const auto* l = v.items()) return !l->items.empty();
    if (const auto* d = v.members()) return !d->members.empty();
    return true;
}

static double as_double(const value& v) {
    if (const auto* b = v.as<bool>()) return *b ? 1 : 0;
    if (const auto* i = v.as<std::int64_t>()) return static_cast<double>(*i);
    return *v.as<double>();
}

static bool equal_members(const dict& a, const dict& b) {
    if (a.members.size() != b.members.size()) return false;
    for (const auto& [key, item] : a.members) {
        const auto* other = b.find(key.bytes());
        if (!other || !equal(item, *other)) return false;
    }
    return true;
}

bool equal(const value& a, const value& b) {
    if (a.is_number() && b.is_number()) {
        const auto *i = a.as<std::int64_t>(), *j = b.as<std::int64_t>();
        return i && j ? *i == *j : as_double(a) == as_double(b);
    }
    if (a.v.index() != b.v.index()) return false;
    if (const auto* s = a.string()) return s->bytes() == b.string()->bytes();
    if (const auto* d = a.members()) return equal_members(*d, *b.members());
    if (const auto* l = a.items()) {
        const auto &x = l->items, &y = b.items()->items;
        if (x.size() != y.size() || l->is_tuple != b.items()->is_tuple) return false;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (!equal(x[i], y[i])) return false;
        return true;
    }
    if (const auto* s = a.as<space*>()) return *s == *b.as<space*>();
    return a.is_undefined() || a.as<none>();
}

std::size_t n_code_points(std::string_view bytes) {
    std::size_t n = 0;
    while (!bytes.empty()) {
        bytes.remove_prefix(std::max<std::size_t>(1, utf8_char_bytes(bytes)));
        ++n;
    }
    return n;
}

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

namespace {

/// str(), repr() and JSON of one value: depth is bounded where lists and dicts are made.
class writer {
public:
    enum class style { python, json };
    writer(style s, std::int64_t indent) : style_(s), indent_(indent) {}

    status write(const value& v, bool nested) {
        if (const auto* s = v.string()) {
            if (!nested && style_ == style::python)
                out_ += *s;
            else
                quote(*s);
            return {};
        }
        if (const auto* l = v.items()) return write_list(*l);
        if (const auto* d = v.members()) return write_dict(*d);
        return write_scalar(v, nested);
    }
    text take() { return std::move(out_); }

private:
    void put(std::string_view bytes) { out_ += text(bytes, false); }
    bool json() const { return style_ == style::json; }

    status write_scalar(const value& v, bool nested) {
        if (v.is_undefined() && !nested && !json()) return {};
        if (v.as<none>()) return put(json() ? "null" : "None"), status();
        if (const auto* b = v.as<bool>())
            return put(json() ? (*b ? "true" : "false") : (*b ? "True" : "False")), status();
        if (const auto* i = v.as<std::int64_t>()) return put(std::to_string(*i)), status();
        if (const auto* d = v.as<double>()) return put(float_text(*d)), status();
        return {errc::unsupported, "writes out " + type_name(v)};
    }
    void new_line() {
        if (indent_ < 0) return;
        put("\n" + std::string(static_cast<std::size_t>(indent_) * level_, ' '));
    }
    void separate(bool first) {
        if (!first) put(json() && indent_ >= 0 ? "," : ", ");
        new_line();
    }
    status write_list(const list& l) {
        const bool tuple = l.is_tuple && !json();
        put(tuple ? "(" : "[");
        ++level_;
        for (std::size_t i = 0; i < l.items.size(); ++i) {
            separate(i == 0);
            QSLIP_CHECK(write(l.items[i], true));
        }
        --level_;
        if (tuple && l.items.size() == 1) put(",");
        if (!l.items.empty()) new_line();
        put(tuple ? ")" : "]");
        return {};
    }
    status write_dict(const dict& d) {
        put("{");
        ++level_;
        for (std::size_t i = 0; i < d.members.size(); ++i) {
            separate(i == 0);
            quote(d.members[i].first);
            put(": ");
            QSLIP_CHECK(write(d.members[i].second, true));
        }
        --level_;
        if (!d.members.empty()) new_line();
        put("}");
        return {};
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
    std::size_t level_ = 0;
    text out_;
};

}  // namespace

result<text> to_text(const value& v) {
    writer w(writer::style::python, -1);
    QSLIP_CHECK(w.write(v, false));
    return w.take();
}

result<text> to_json(const value& v, std::int64_t indent) {
    writer w(writer::style::json, indent);
    QSLIP_CHECK(w.write(v, true));
    return w.take();
}

}  // namespace qslip::chat
