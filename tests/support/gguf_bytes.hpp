#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip::test {

/// Little-endian bytes of a number.
template <class T>
std::string le(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    return {bytes, sizeof value};
}
inline std::string gguf_string(std::string_view s) { return le(std::uint64_t{s.size()}).append(s); }

/// Puts a GGUF file together byte by byte, also such as no writer would write.
struct gguf_bytes {
    std::string magic = "GGUF";
    std::uint32_t version = 3;
    std::uint64_t alignment = 32;                    // of the data section only: add the key yourself
    std::optional<std::uint64_t> n_tensors, n_keys;  // what the header claims, if not the truth
    std::vector<std::string> keys, tensors;
    std::string data;

    gguf_bytes& key(std::string_view name, std::uint32_t type, std::string_view payload) {
        keys.push_back(gguf_string(name) + le(type) + std::string(payload));
        return *this;
    }
    gguf_bytes& key_u32(std::string_view name, std::uint32_t v) { return key(name, 4, le(v)); }
    gguf_bytes& key_string(std::string_view name, std::string_view v) { return key(name, 8, gguf_string(v)); }
    gguf_bytes& key_array(std::string_view name, std::uint32_t element, std::uint64_t count,
                          std::string_view payload) {
        return key(name, 9, le(element) + le(count) + std::string(payload));
    }
    gguf_bytes& tensor(std::string_view name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                       std::uint64_t offset) {
        std::string entry = gguf_string(name) + le(static_cast<std::uint32_t>(dims.size()));
        for (const auto d : dims) entry += le(d);
        tensors.push_back(entry + le(type) + le(offset));
        return *this;
    }

    std::string header() const {
        std::string out =
            magic + le(version) + le(n_tensors.value_or(tensors.size())) + le(n_keys.value_or(keys.size()));
        for (const auto& k : keys) out += k;
        for (const auto& t : tensors) out += t;
        return out;
    }
    std::string bytes() const {
        std::string out = header();
        out.append((alignment - out.size() % alignment) % alignment, '\0');
        return out + data;
    }
};

/// Two keys of each kind that matter, three tensors: F32 [4], Q8_0 [32, 2], F16 [2, 2].
inline gguf_bytes small_gguf() {
    gguf_bytes g;
    g.key_string("general.architecture", "llama").key_u32("llama.block_count", 2);
    g.key("rms", 6, le(1e-5f)).key("flag", 7, "\x01").key("signed", 11, le(std::int64_t{-3}));
    g.key_array("tokens", 8, 3, gguf_string("a") + gguf_string("") + gguf_string("ccc"));
    g.key_array("scores", 6, 2, le(0.5f) + le(-1.0f)).key_array("types", 5, 2, le(7) + le(-8));
    g.tensor("norm.weight", {4}, 0, 0).tensor("w.weight", {32, 2}, 8, 32).tensor("h.weight", {2, 2}, 1, 128);
    g.data = le(1.0f) + le(2.0f) + le(3.0f) + le(4.0f) + std::string(16, '\0');
    for (int row = 0; row < 2; ++row) {
        g.data += le(std::uint16_t{0x3C00});  // scale 1
        for (int i = 0; i < 32; ++i) g.data += static_cast<char>(i - 16 * row);
    }
    g.data += std::string(28, '\0') + le(std::uint64_t{0x3C004000BC003800});
    return g;
}

}  // namespace qslip::test
