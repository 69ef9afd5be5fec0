#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "handles.hpp"

namespace qslip::capi {

/// The number behind an opaque pointer.
inline std::uintptr_t number_of(const void* handle) { return reinterpret_cast<std::uintptr_t>(handle); }

/// errc::null unless the pointer is set; `name` is the parameter's in qslip.h.
inline status required(const void* pointer, const char* name) {
    if (pointer) return {};
    return {errc::null, std::string(name) + " is NULL"};
}

/// errc::arg unless the pointer suits its type.
template <class T>
status aligned(const T* pointer, const char* name) {
    if (reinterpret_cast<std::uintptr_t>(pointer) % alignof(T) == 0) return {};
    return {errc::arg, std::string(name) + " is not aligned for its type"};
}

/// errc::struct_size unless the caller's struct is one this library can read: not older than the
/// first version, and nothing set in the part it does not know.
template <class T>
status known_struct(const T* caller, const char* name) {
    constexpr std::uint32_t size_cap = 4096;
    QSLIP_CHECK(required(caller, name));
    QSLIP_CHECK(aligned(caller, name));
    const auto size = caller->struct_size;
    bool known = size >= sizeof(T) && size <= size_cap && size % alignof(T) == 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(caller);
    for (std::size_t i = sizeof(T); known && i < size; ++i) known = bytes[i] == 0;
    if (known) return {};
    return {errc::struct_size, std::string(name) + "->struct_size is " + std::to_string(size) +
                                   ", this library knows " + std::to_string(sizeof(T)) +
                                   "; initialise the struct with its _INIT macro"};
}

/// Copies the known part of an output struct; the caller's struct_size stays.
template <class T>
void fill(T* out, T values) {
    values.struct_size = out->struct_size;
    *out = values;
}

/// A place for one result.
template <class T>
status output(const T* out, const char* name) {
    QSLIP_CHECK(required(out, name));
    return aligned(out, name);
}

/// A buffer of n elements; it may be NULL only when there are none.
template <class T>
status input_buffer(const T* buffer, std::size_t n, const char* name) {
    if (n > 0) QSLIP_CHECK(required(buffer, name));
    QSLIP_CHECK(aligned(buffer, name));
    if (n <= PTRDIFF_MAX / sizeof(T)) return {};
    return {errc::arg, std::string(name) + " would be longer than the address space"};
}

/// A buffer to write to with the place for its length.
template <class T>
status output_buffer(const T* out, std::size_t cap, const std::size_t* written, const char* name) {
    QSLIP_CHECK(output(written, "written"));
    if (cap > 0) QSLIP_CHECK(required(out, name));
    return aligned(out, name);
}

/// errc::arg when the two buffers share a byte.
template <class In, class Out>
status apart(const In* in, std::size_t n_in, const Out* out, std::size_t n_out) {
    const auto from = number_of(in), to = number_of(out);
    if (from + n_in * sizeof(In) <= to || to + n_out * sizeof(Out) <= from) return {};
    return {errc::arg, "input and output buffers overlap"};
}

/// Errors: buffer, with the number needed in *written.
inline status fits(std::size_t n, std::size_t cap, std::size_t* written) {
    if (n <= cap) return {};
    *written = n;
    return {errc::buffer,
            "the buffer holds " + std::to_string(cap) + " elements, " + std::to_string(n) + " are needed"};
}

template <class Handle>
status publish(handle_kind kind, std::shared_ptr<void> object, Handle** out) {
    QSLIP_TRY(const auto number, handle_table::instance().insert(kind, std::move(object)));
    *out = reinterpret_cast<Handle*>(number);
    return {};
}

/// The object behind a handle, alive until `object` goes. Errors: handle.
template <class Object>
status acquire(const void* handle, handle_kind kind, const char* name, std::shared_ptr<Object>& object) {
    object = std::static_pointer_cast<Object>(handle_table::instance().find(number_of(handle), kind));
    if (object) return {};
    return {errc::handle, std::string(name) + (handle ? " is freed, forged or of another kind" : " is NULL")};
}

/// What every *_destroy does. The object dies here, or with the last call that uses it.
inline status destroy(const void* handle, handle_kind kind, const char* name) {
    if (handle == nullptr) return {};
    if (handle_table::instance().remove(number_of(handle), kind)) return {};
    return {errc::handle, std::string(name) + " is freed, forged or of another kind"};
}

}  // namespace qslip::capi
