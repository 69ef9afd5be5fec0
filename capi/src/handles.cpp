#include "handles.hpp"

namespace qslip::capi {

namespace {

constexpr unsigned word_bits = sizeof(std::uintptr_t) * 8;
constexpr unsigned kind_bits = word_bits / 8;
constexpr unsigned index_bits = word_bits * 3 / 8;
constexpr unsigned generation_bits = word_bits - kind_bits - index_bits;
constexpr std::uintptr_t index_limit = std::uintptr_t{1} << index_bits;
constexpr std::uintptr_t generation_limit = std::uintptr_t{1} << generation_bits;

std::size_t index_of(std::uintptr_t handle) { return handle & (index_limit - 1); }
std::uintptr_t generation_of(std::uintptr_t handle) {
    return (handle >> index_bits) & (generation_limit - 1);
}
std::uintptr_t kind_of(std::uintptr_t handle) { return handle >> (word_bits - kind_bits); }

std::uintptr_t pack(handle_kind kind, std::uintptr_t generation, std::size_t index) {
    return (static_cast<std::uintptr_t>(kind) << (word_bits - kind_bits)) | (generation << index_bits) |
           index;
}

}  // namespace

handle_table& handle_table::instance() {
    static handle_table& table = *new handle_table;
    return table;
}

result<std::uintptr_t> handle_table::insert(handle_kind kind, std::shared_ptr<void> object) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
        if (slots_.size() >= index_limit) return status(errc::no_memory, "all handles are in use");
        // Room for every slot's return first: remove() must not allocate.
        free_.reserve(slots_.size() + 1);
        slots_.emplace_back();
        free_.push_back(slots_.size() - 1);
    }
    const auto index = free_.back();
    free_.pop_back();
    auto& taken = slots_[index];
    taken.kind = kind;
    taken.object = std::move(object);
    return pack(kind, taken.generation, index);
}

const handle_table::slot* handle_table::live(std::uintptr_t handle, handle_kind kind) const {
    const auto index = index_of(handle);
    if (index >= slots_.size() || kind_of(handle) != static_cast<std::uintptr_t>(kind)) return nullptr;
    const auto& found = slots_[index];
    const bool same = found.object && found.kind == kind && found.generation == generation_of(handle);
    return same ? &found : nullptr;
}

std::shared_ptr<void> handle_table::find(std::uintptr_t handle, handle_kind kind) const {
    const std::lock_guard lock(mutex_);
    const auto* found = live(handle, kind);
    return found ? found->object : nullptr;
}

std::shared_ptr<void> handle_table::remove(std::uintptr_t handle, handle_kind kind) {
    const std::lock_guard lock(mutex_);
    if (!live(handle, kind)) return nullptr;
    auto& found = slots_[index_of(handle)];
    auto object = std::move(found.object);
    // A slot whose generations are used up is retired: an old handle can never name a new object.
    if (++found.generation < generation_limit) free_.push_back(index_of(handle));
    return object;
}

}  // namespace qslip::capi
