#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/errors.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qslip::metrics {

inline constexpr std::uint32_t state_magic = 0x54534C51;  // "QLST"

/// Names an accumulator's state among stored ones. The version goes up whenever its bytes change meaning.
struct state_kind {
    std::uint32_t id, version;
    std::string_view name;
};

/// An accumulator's state: magic, version, kind, length of the payload, payload, CRC-64 of all before it;
/// little-endian. Equal states give equal bytes, however they were gathered.
template <class State>
std::vector<std::byte> to_bytes(const State& state) {
    byte_writer payload;
    state.save(payload);
    byte_writer out;
    out.u32(state_magic);
    out.u32(State::kind.version);
    out.u32(State::kind.id);
    out.u64(payload.bytes().size());
    out.raw(payload.bytes());
    out.u64(crc64(out.bytes()));
    return out.take();
}

/// Reads what to_bytes() wrote. The bytes may be hostile; memory stays in proportion to their number.
/// Errors: format, unsupported (version), type (another accumulator's state), truncated.
template <class State>
result<State> from_bytes(std::span<const std::byte> bytes) {
    const std::string name(State::kind.name);
    byte_reader in(bytes);
    if (in.u32() != state_magic) return status(errc::format, "not an accumulator state");
    const auto version = in.u32(), id = in.u32();
    if (in.ok() && id != State::kind.id)
        return status(errc::type, "an accumulator state of kind " + std::to_string(id) + ", not " + name);
    if (in.ok() && version != State::kind.version)
        return status(errc::unsupported, name + " state version " + std::to_string(version) +
                                             "; this build reads version " +
                                             std::to_string(State::kind.version));
    const std::size_t payload_bytes = in.count(1);
    if (!in.ok() || in.remaining() < payload_bytes + 8)
        return status(errc::truncated, name + " state ends after " + std::to_string(bytes.size()) + " bytes");
    const auto payload = in.raw(payload_bytes);
    const auto sum = crc64(bytes.first(in.position()));
    if (in.u64() != sum) return status(errc::format, name + " state: checksum does not match");
    if (in.remaining() != 0) return status(errc::format, name + " state: bytes after its end");
    byte_reader body(payload);
    State state;
    state.load(body);
    if (!body.ok() || body.remaining() != 0) return status(errc::format, name + " state: impossible content");
    return state;
}

}  // namespace qslip::metrics
