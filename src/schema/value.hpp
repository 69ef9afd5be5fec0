#pragma once
// A JSON document as one flat array: what schemas and instances are read into. Numbers keep their text, so
// nothing is rounded; strings without escapes are views of the source.
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qslip::schema {

enum class kind : std::uint8_t { null, false_, true_, integer, decimal, string, array, object };

/// Preorder: children follow their container; an object's children are key, value, key, value...
struct value_node {
    union {
        const char* text;    ///< string: unescaped bytes; decimal: as written
        std::int64_t whole;  ///< integer: fits 18 digits
    };
    std::uint32_t size;  ///< bytes of the text, or number of items or members
    std::uint32_t next;  ///< index just after this subtree
    std::uint32_t hash;  ///< keys only: hash_text of the bytes
    schema::kind kind;

    /// Of a string or decimal; of any other kind empty.
    std::string_view view() const noexcept {
        return kind == kind::string || kind == kind::decimal ? std::string_view{text, size}
                                                             : std::string_view{};
    }
    bool is_number() const noexcept { return kind == kind::integer || kind == kind::decimal; }
    bool is_bool() const noexcept { return kind == kind::true_ || kind == kind::false_; }
};

inline constexpr std::uint32_t none = 0xffffffffu;

inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    const auto product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
template <class Word>
Word load_word(const char* bytes) noexcept {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

inline std::uint64_t hash_bytes(const char* p, std::size_t size) noexcept {
    constexpr std::uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xbf58476d1ce4e5b9u;
    std::uint64_t state = k0 ^ size, a = 0, b = 0;
    for (; size > 16; p += 8, size -= 8) state = mix_hash(state ^ load_word<std::uint64_t>(p), k1);
    // The last words may overlap.
    if (size >= 8) {
        a = load_word<std::uint64_t>(p);
        b = load_word<std::uint64_t>(p + size - 8);
    } else if (size >= 4) {
        a = load_word<std::uint32_t>(p);
        b = load_word<std::uint32_t>(p + size - 4);
    } else {
        for (std::size_t i = 0; i < size; ++i) a = a << 8 | static_cast<unsigned char>(p[i]);
    }
    return mix_hash(mix_hash(state ^ a, k1) ^ b, k0);
}
/// Texts are mostly short: faster than a call of memcmp.
inline bool same_text(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    const char *p = a.data(), *q = b.data();
    std::size_t n = a.size();
    if (n < 8) {
        for (std::size_t i = 0; i < n; ++i)
            if (p[i] != q[i]) return false;
        return true;
    }
    for (; n > 8; p += 8, q += 8, n -= 8)
        if (load_word<std::uint64_t>(p) != load_word<std::uint64_t>(q)) return false;
    p += n, q += n;  // the last words may overlap
    return load_word<std::uint64_t>(p - 8) == load_word<std::uint64_t>(q - 8);
}
inline std::uint32_t hash_text(std::string_view text) noexcept {
    return static_cast<std::uint32_t>(hash_bytes(text.data(), text.size()) >> 32);
}

/// The parsed document; borrows the text given to parse(), which must outlive it. Keeps its memory for the
/// next one.
class json_tree {
public:
    json_tree();
    ~json_tree();
    json_tree(json_tree&&) noexcept;
    json_tree& operator=(json_tree&&) noexcept;

    /// Errors: limit (json_bytes, json_depth, json_digits), format (not JSON, not UTF-8, a byte order mark;
    /// with the byte offset), schema (a key twice in one object). No recursion.
    status parse(std::string_view text, const limits& limits);

    const value_node& operator[](std::uint32_t at) const noexcept { return nodes_[at]; }
    std::uint32_t size() const noexcept { return n_nodes_; }
    /// The value of `key` in the object at `object`; `none` when it has none or is no object.
    std::uint32_t find(std::uint32_t object, std::string_view key) const noexcept;
    /// RFC 6901 pointer of node `at`.
    std::string pointer_to(std::uint32_t at) const;

private:
    friend class tree_parser;
    struct reader_memory;
    std::unique_ptr<value_node[]> nodes_;
    std::uint32_t n_nodes_ = 0, capacity_ = 0;
    std::unique_ptr<char[]> unescaped_;
    std::size_t unescaped_capacity_ = 0;
    std::unique_ptr<reader_memory> memory_;
};

/// `token` with ~ and / escaped for a JSON pointer.
std::string pointer_token(std::string_view token);

}  // namespace qslip::schema
