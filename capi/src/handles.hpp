#pragma once
#include <qslip/errors.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace qslip::capi {

enum class handle_kind : std::uint8_t { model = 1, kl = 2, schema = 3, validation = 4 };

/// What stands behind the numbers handed out as handles. A number holds kind, generation and index:
/// the kind in the top bits keeps it from ever being a real address, the generation tells a freed
/// handle from the one that took its slot. All calls are thread-safe.
class handle_table {
public:
    /// Never destroyed, so threads that outlive main() find it intact.
    static handle_table& instance();

    /// Errors: no_memory (all indices taken).
    result<std::uintptr_t> insert(handle_kind kind, std::shared_ptr<void> object);
    /// The object, kept alive by the copy; empty unless `handle` is a live one of this kind.
    std::shared_ptr<void> find(std::uintptr_t handle, handle_kind kind) const;
    /// As find, and the handle is dead from here on.
    std::shared_ptr<void> remove(std::uintptr_t handle, handle_kind kind);

private:
    struct slot {
        std::uintptr_t generation = 1;
        handle_kind kind{};
        std::shared_ptr<void> object;
    };
    const slot* live(std::uintptr_t handle, handle_kind kind) const;

    mutable std::mutex mutex_;
    std::vector<slot> slots_;
    std::vector<std::size_t> free_;
};

}  // namespace qslip::capi
