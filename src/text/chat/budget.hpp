#pragma once
// What a rendering may still spend. Every operation is charged by the size of what it walks or makes, so that
// no template takes longer or more memory than its steps allow.
#include <qslip/limits.hpp>

#include "text/chat/chat_limits.hpp"
#include "text/chat/chat_value.hpp"

namespace qslip::chat {

class budget {
public:
    explicit budget(const limits& limits) : limits_(limits) {}
    status charge(std::uint64_t steps) {
        if (steps > left_) return {errc::budget, "more than " + std::to_string(max_steps) + " steps"};
        left_ -= steps;
        return {};
    }
    std::size_t max_string_bytes() const { return limits_.string_bytes; }
    status need_string_size(std::size_t size_bytes) const {
        if (size_bytes <= limits_.string_bytes) return {};
        return {errc::limit, "a string of " + std::to_string(size_bytes) + " bytes"};
    }
    /// A value just made: its size is charged, its nesting checked.
    result<value> made(value v) {
        if (const auto* s = v.string()) QSLIP_CHECK(need_string_size(s->size()));
        if (v.depth() > limits_.json_depth) return status(errc::limit, "values nested too deeply");
        if (v.weight() > max_steps) return status(errc::limit, "a value is too large");
        QSLIP_CHECK(charge(own_size(v)));
        return v;
    }
    result<value> made(text t) { return made(make_text(std::move(t))); }

private:
    /// Without what is shared with other values.
    static std::uint64_t own_size(const value& v) {
        if (const auto* l = v.items()) return 1 + l->items.size();
        if (const auto* d = v.members()) return d->keys_weight;
        return v.weight();
    }
    const limits& limits_;
    std::uint64_t left_ = max_steps;
};

}  // namespace qslip::chat
