#include "eval/run/batch_outcome.hpp"

namespace qslip {
namespace {

template <class Archive>
void fields(Archive& io, auto& value);

/// An archive that writes. Each type's fields are listed once, in fields(), for both directions.
struct writing_archive {
    byte_writer& out;
    void operator()(bool v) { out.u8(v ? 1 : 0); }
    void operator()(std::uint8_t v) { out.u8(v); }
    void operator()(std::uint32_t v) { out.u32(v); }
    void operator()(std::uint64_t v) { out.u64(v); }
    void operator()(double v) { out.f64(v); }
    void operator()(const std::string& text) {
        out.u64(text.size());
        out.raw(std::as_bytes(std::span(text)));
    }
    template <class T>
    void operator()(const std::optional<T>& v) {
        (*this)(v.has_value());
        if (v) fields(*this, *v);
    }
};

struct reading_archive {
    byte_reader& in;
    void operator()(bool& v) {
        const auto byte = in.u8();
        in.require(byte <= 1);
        v = byte != 0;
    }
    void operator()(std::uint8_t& v) { v = in.u8(); }
    void operator()(std::uint32_t& v) { v = in.u32(); }
    void operator()(std::uint64_t& v) { v = in.u64(); }
    void operator()(double& v) { v = in.f64(); }
    void operator()(std::string& text) {
        const auto bytes = in.raw(in.count(1));
        text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    template <class T>
    void operator()(std::optional<T>& v) {
        bool has = false;
        (*this)(has);
        if (has) fields(*this, v.emplace());
    }
};

void list(auto& io, auto& x, const first_slip&) {
    io(x.token_index), io(x.base_token), io(x.cand_token), io(x.margin_nats);
}
void list(auto& io, auto& x, const located_break&) {
    io(x.byte), io(x.keyword), io(x.instance_location), io(x.token_index), io(x.token), io(x.base_token);
    io(x.base_margin_nats), io(x.base_behind_nats);
}
void list(auto& io, auto& x, const metrics::structured_answer&) {
    io(x.demanded), io(x.level), io(x.tried), io(x.may_call), io(x.called), io(x.faults);
}
void list(auto& io, auto& x, const item_result&) {
    io(x.id), io(x.has_task), io(x.base_right), io(x.cand_right), io(x.positions), io(x.flips);
    io(x.kl_sum_nats), io(x.kl_max_nats), io(x.slip), io(x.base_text), io(x.cand_text);
    io(x.base_structure), io(x.cand_structure), io(x.broken_at);
}
template <class Archive>
void fields(Archive& io, auto& value) {
    list(io, value, value);
}

}  // namespace

void save(const batch_outcome& outcome, byte_writer& out) {
    writing_archive io{out};
    out.u64(outcome.items.size());
    for (const auto i : outcome.items) out.u64(i);
    for (const auto& set : outcome.observers) set.save(out);
    for (const auto& of_candidate : outcome.results)
        for (const auto& r : of_candidate) fields(io, r);
}

batch_outcome load_outcome(byte_reader& in, const run_setup& setup) {
    reading_archive io{in};
    batch_outcome out;
    out.items.resize(in.count(8));
    for (auto& i : out.items) {
        i = in.u64();
        in.require(i < setup.work->shapes().size());
    }
    out.observers = empty_observers(setup);
    for (auto& set : out.observers) set.load(in);
    out.results.resize(setup.candidates.size());
    for (auto& of_candidate : out.results) {
        of_candidate.resize(in.ok() ? out.items.size() : 0);
        for (auto& r : of_candidate) fields(io, r);
    }
    in.require(in.remaining() == 0);
    return out;
}

}  // namespace qslip
