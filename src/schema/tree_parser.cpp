// JSON text to a json_tree. simdjson's first stage checks the UTF-8 and finds where tokens begin; what they
// are is read here, since its second stage would round numbers.
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <bit>

#include "json/json_syntax.hpp"
#include "schema/value.hpp"

namespace qslip::schema {

// simdjson picks its kernels at the first use, in a noexcept function that allocates: done while the library
// loads, so that no call can die of it.
[[maybe_unused]] static const std::string kernels_picked = simdjson::get_active_implementation()->name();

struct json_tree::reader_memory {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
    struct open_container {
        std::uint32_t node, n_children;
        bool object;
    };
    std::vector<open_container> open;
    std::vector<std::uint32_t> keys;

    simdjson::error_code find_tokens(std::string_view text) {
        if (!stage || stage->capacity() < text.size()) {
            constexpr std::size_t doubling_up_to = 1 << 20;
            const auto capacity = text.size() < doubling_up_to
                                      ? std::max<std::size_t>(4096, std::bit_ceil(text.size()))
                                      : text.size();
            stage.reset();
            if (const auto bad = simdjson::get_active_implementation()->create_dom_parser_implementation(
                    capacity, 1, stage))
                return bad;
        }
        return stage->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                             simdjson::stage1_mode::regular);
    }
};

json_tree::json_tree() = default;
json_tree::~json_tree() = default;
json_tree::json_tree(json_tree&&) noexcept = default;
json_tree& json_tree::operator=(json_tree&&) noexcept = default;

namespace {

/// Behind a number or a word: the end of the value, white space, a comma or a closing bracket.
constexpr auto ends_scalar = [] {
    std::array<bool, 256> table{};
    for (const char c : {' ', '\t', '\n', '\r', ',', ']', '}'}) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* p, const char* end) {
    if constexpr (std::endian::native == std::endian::little)
        for (; end - p >= 8; p += 8) {
            constexpr std::uint64_t high = 0xf0f0f0f0f0f0f0f0u, zeros = 0x3030303030303030u,
                                    six = 0x0606060606060606u;
            const auto w = load_word<std::uint64_t>(p);
            const auto others = ((w & high) ^ zeros) | (((w + six) & high) ^ zeros);
            if (others != 0) return p + std::countr_zero(others) / 8;
        }
    while (p < end && is_digit(*p)) ++p;
    return p;
}

}  // namespace

class tree_parser {
public:
    tree_parser(std::string_view text, const limits& limits, json_tree& out)
        : text_(text.data()),
          end_(text.data() + text.size()),
          token_(out.memory_->stage->structural_indexes.get()),
          last_(token_ + out.memory_->stage->n_structural_indexes),
          limits_(limits),
          out_(out),
          open_(out.memory_->open),
          nodes_(out.nodes_.get()),
          escapes_(std::memchr(text.data(), '\\', text.size()) != nullptr) {
        open_.clear();
        if (!escapes_ || out.unescaped_capacity_ >= text.size()) return;
        out.unescaped_.reset(new char[text.size()]);
        out.unescaped_capacity_ = text.size();
    }

    status run() {
        free_ = out_.unescaped_.get();
        const bool ok = document();
        out_.n_nodes_ = here_;
        if (ok) return {};
        return failure_.ok() ? broken({text_, static_cast<std::size_t>(end_ - text_)}) : failure_;
    }

    /// The slow scanner names the fault; ours only saw that there is one.
    static status broken(std::string_view text) {
        const auto fault = find_json_fault(text);
        if (!fault) return {errc::format, "not JSON"};
        return {errc::format, "byte " + std::to_string(fault->byte) + ": " + fault->what};
    }

private:
    bool fail(errc code, std::string text) {
        failure_ = {code, std::move(text)};
        return false;
    }
    value_node& add(kind k) {
        auto& node = nodes_[here_++];
        node.kind = k;
        node.next = here_;
        return node;
    }
    bool next_is(char c) const { return token_ < last_ && text_[*token_] == c; }

    bool document() {
        for (;;) {
            bool opened = false;
            if (token_ == last_ || !value(text_ + *token_++, opened)) return false;
            if (opened) {
                if (!next_is(open_.back().object ? '}' : ']')) {
                    if (open_.back().object && !key()) return false;
                    continue;
                }
                ++token_;
                close();
            }
            for (bool more = false; !more;) {
                if (open_.empty()) return token_ == last_;
                if (token_ == last_) return false;
                auto& top = open_.back();
                ++top.n_children;
                const char c = text_[*token_++];
                if (c == ',') {
                    if (top.object && !key()) return false;
                    more = true;
                } else {
                    if (c != (top.object ? '}' : ']')) return false;
                    if (top.object && !no_key_twice(top)) return false;
                    close();
                }
            }
        }
    }

    bool value(const char* p, bool& opened) {
        switch (*p) {
            case '{':
            case '[': opened = true; return open(*p == '{');
            case '"': return string(p, kind::string) != nullptr;
            case 't': return word(p, "true", kind::true_);
            case 'f': return word(p, "false", kind::false_);
            case 'n': return word(p, "null", kind::null);
            default: return number(p);
        }
    }

    bool word(const char* p, std::string_view letters, kind k) {
        if (static_cast<std::size_t>(end_ - p) < letters.size() ||
            std::memcmp(p, letters.data(), letters.size()) != 0 || !scalar_ends(p + letters.size()))
            return false;
        add(k).text = nullptr;
        return true;
    }
    bool scalar_ends(const char* p) const { return p == end_ || ends_scalar[static_cast<unsigned char>(*p)]; }

    bool open(bool object) {
        if (open_.size() >= limits_.json_depth)
            return fail(errc::limit, "nested deeper than " + std::to_string(limits_.json_depth) +
                                         " levels (limit json_depth)");
        open_.push_back({here_, 0, object});
        auto& made = add(object ? kind::object : kind::array);
        made.text = nullptr;
        made.size = 0;
        return true;
    }
    void close() {
        auto& node = nodes_[open_.back().node];
        node.size = open_.back().n_children;
        node.next = here_;
        open_.pop_back();
    }

    bool key() {
        if (!next_is('"')) return false;
        auto* made = string(text_ + *token_++, kind::string);
        if (!made || !next_is(':')) return false;
        ++token_;
        made->hash = hash_text(made->view());
        return true;
    }

    /// Keys whose hashes differ in six bits need no closer look.
    bool no_key_twice(const json_tree::reader_memory::open_container& object) {
        std::uint64_t seen = 0;
        bool alike = false;
        for (auto k = object.node + 1; k < here_; k = nodes_[k + 1].next) {
            const auto bit = std::uint64_t{1} << nodes_[k].hash % 64;
            alike |= (seen & bit) != 0;
            seen |= bit;
        }
        return !alike || keys_differ(object.node);
    }
    bool keys_differ(std::uint32_t object) {
        auto& keys = out_.memory_->keys;
        keys.clear();
        for (auto k = object + 1; k < here_; k = nodes_[k + 1].next) keys.push_back(k);
        const auto text_of = [&](auto k) { return std::pair(nodes_[k].hash, nodes_[k].view()); };
        std::sort(keys.begin(), keys.end(), [&](auto a, auto b) {
            return nodes_[a].hash != nodes_[b].hash ? nodes_[a].hash < nodes_[b].hash
                                                    : text_of(a) < text_of(b);
        });
        for (std::size_t i = 1; i < keys.size(); ++i)
            if (text_of(keys[i]) == text_of(keys[i - 1])) return twice(keys[i]);
        return true;
    }
    bool twice(std::uint32_t key) {
        return fail(errc::schema, "key " + quoted(nodes_[key].view()) + " stands twice in one object");
    }

    /// `p`: the opening quote. The closing one is the last thing before the next token.
    value_node* string(const char* p, kind k) {
        const char* q = token_ < last_ ? text_ + *token_ : end_;
        do --q;
        while (*q == ' ' || *q == '\n' || *q == '\r' || *q == '\t');
        if (q <= p || *q != '"') return nullptr;
        ++p;
        auto size = static_cast<std::size_t>(q - p);
        if (escapes_ && std::memchr(p, '\\', size) != nullptr) {
            const char* start = free_;
            if (!unescape(p, q)) return nullptr;
            p = start;
            size = static_cast<std::size_t>(free_ - start);
        }
        auto& node = add(k);
        node.text = p;
        node.size = static_cast<std::uint32_t>(size);
        return &node;
    }

    bool unescape(const char* p, const char* q) {
        while (p < q) {
            const auto* slash =
                static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(q - p)));
            const auto* until = slash ? slash : q;
            std::memcpy(free_, p, static_cast<std::size_t>(until - p));
            free_ += until - p;
            if (!slash) return true;
            p = slash + 1;
            if (p == q) return false;
            if (*p == 'u') {
                if (!unicode_escape(++p, q)) return false;
                continue;
            }
            constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
            const auto which = from.find(*p++);
            if (which == from.npos) return false;
            *free_++ = to[which];
        }
        return true;
    }

    static bool hex4(const char*& p, const char* q, std::uint32_t& unit) {
        if (q - p < 4) return false;
        unit = 0;
        for (int i = 0; i < 4; ++i, ++p) {
            const char c = *p;
            const int digit = is_digit(c)            ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return false;
            unit = unit * 16 + static_cast<std::uint32_t>(digit);
        }
        return true;
    }
    bool unicode_escape(const char*& p, const char* q) {
        std::uint32_t unit = 0, low = 0;
        if (!hex4(p, q, unit)) return false;
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (q - p < 6 || p[0] != '\\' || p[1] != 'u') return half(p);
            p += 2;
            if (!hex4(p, q, low)) return false;
            if (low < 0xdc00 || low >= 0xe000) return half(p);
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        } else if (unit >= 0xdc00 && unit < 0xe000) {
            return half(p);
        }
        put_utf8(unit);
        return true;
    }
    bool half(const char* p) {
        return fail(errc::format,
                    "byte " + std::to_string(p - text_) + ": half a surrogate pair in a \\u escape");
    }
    void put_utf8(std::uint32_t c) {
        const utf8_char bytes(c);
        for (const char b : bytes.view()) *free_++ = b;
    }

    bool number(const char* p) {
        const char* start = p;
        const bool negative = *p == '-';
        p += negative;
        const char* first = p;
        p = skip_digits(p, end_);
        if (p == first || (*first == '0' && p - first > 1)) return false;
        const bool whole = p - first <= 18 && scalar_ends(p);
        if (whole) {
            std::int64_t digits = 0;
            for (const char* d = first; d < p; ++d) digits = digits * 10 + (*d - '0');
            add(kind::integer).whole = negative ? -digits : digits;
            return true;
        }
        if (p < end_ && *p == '.') {
            const char* fraction = ++p;
            p = skip_digits(p, end_);
            if (p == fraction) return false;
        }
        if (p < end_ && (*p | 32) == 'e') {
            ++p;
            if (p < end_ && (*p == '+' || *p == '-')) ++p;
            const char* power = p;
            p = skip_digits(p, end_);
            if (p == power) return false;
            while (power + 1 < p && *power == '0') ++power;
            if (p - power > 9) return fail(errc::limit, "a number with an exponent beyond 999999999");
        }
        if (!scalar_ends(p)) return false;
        if (static_cast<std::uint64_t>(p - start) > limits_.json_digits)
            return fail(errc::limit, "a number of " + std::to_string(p - start) +
                                         " characters (limit json_digits " +
                                         std::to_string(limits_.json_digits) + ")");
        auto& node = add(kind::decimal);
        node.text = start;
        node.size = static_cast<std::uint32_t>(p - start);
        return true;
    }

    const char* text_;
    const char* end_;
    const std::uint32_t* token_;
    const std::uint32_t* last_;
    const limits& limits_;
    json_tree& out_;
    std::vector<json_tree::reader_memory::open_container>& open_;
    value_node* const nodes_;
    std::uint32_t here_ = 0;  // nodes so far
    char* free_ = nullptr;
    bool escapes_;
    status failure_;
};

status json_tree::parse(std::string_view text, const limits& limits) {
    n_nodes_ = 0;
    if (text.size() > limits.json_bytes || text.size() > 0xfffffff0u)
        return {errc::limit, "JSON of " + grouped(text.size()) + " bytes; the limit json_bytes is " +
                                 grouped(limits.json_bytes)};
    if (text.starts_with("\xef\xbb\xbf")) return {errc::format, "starts with a byte order mark"};
    if (!memory_) memory_ = std::make_unique<reader_memory>();
    switch (memory_->find_tokens(text)) {
        case simdjson::SUCCESS: break;
        case simdjson::UTF8_ERROR: return {errc::format, "not UTF-8"};
        case simdjson::MEMALLOC:
            return {errc::no_memory, "no memory for " + grouped(text.size()) + " bytes of JSON"};
        default: return tree_parser::broken(text);
    }
    // Every value but the root stands behind an opening bracket, a comma or a colon, and all brackets but the
    // open ones are closed.
    const std::uint64_t n_tokens = memory_->stage->n_structural_indexes;
    const auto most = static_cast<std::uint32_t>((n_tokens + std::min(n_tokens, limits.json_depth)) / 2 + 2);
    if (most > capacity_) {
        nodes_.reset(new value_node[most]);
        capacity_ = most;
    }
    return tree_parser(text, limits, *this).run();
}

}  // namespace qslip::schema
