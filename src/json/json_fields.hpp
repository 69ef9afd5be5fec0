#pragma once
// Typed, complete reading of one JSON object from a user's file: every fault is kept, none stops the rest.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_read.hpp"

namespace qslip {

/// Faults of one file. The first `kept` are listed, the rest counted.
class json_faults {
public:
    explicit json_faults(std::uint64_t kept) : kept_(kept) {}
    void add(std::string text) {
        if (++count_ <= kept_) faults_.push_back(std::move(text));
    }
    void add(const status& fault) { add(std::string(fault.message())); }
    bool empty() const { return count_ == 0; }
    std::uint64_t count() const { return count_; }
    /// Every kept fault on a line of its own.
    std::string text() const {
        std::string all;
        for (const auto& fault : faults_) (all += all.empty() ? "" : "\n") += fault;
        if (count_ > faults_.size()) all += "\nand " + std::to_string(count_ - faults_.size()) + " more";
        return all;
    }

private:
    std::uint64_t kept_, count_ = 0;
    std::vector<std::string> faults_;
};

/// The members of one object. A getter notes its key as known; it gives nothing when the member is absent
/// or at fault, and a fault is added to the list. `finish` reports the keys that no getter asked for.
class json_fields {
public:
    /// `object.is_object()`. Its json_reader and `faults` outlive this reader.
    json_fields(json_node object, json_faults& faults) : object_(std::move(object)), faults_(&faults) {}

    /// `<where>: "<field>.<key>" <what>`.
    void fault(std::string_view key, std::string_view what) { faults_->add(object_.member_fault(key, what)); }
    /// `<where>: "<field>.<key>" must <must>, is <what it is>`; the member is there.
    void wrong(std::string_view key, std::string_view must) { faults_->add(object_.find(key)->wrong(must)); }

    std::optional<json_node> find(std::string_view key) {
        known_.insert(key);
        return object_.find(key);
    }
    /// find, and a fault when there is none; `rule` continues "is missing".
    std::optional<json_node> need(std::string_view key, const std::string& rule = "");

    std::optional<std::string> text(std::string_view key, std::size_t min_bytes = 0,
                                    std::size_t max_bytes = ~std::size_t{});
    /// A list of `min_count`..`max_count` strings, or where `single_ok` one string; empty when absent or at
    /// fault.
    std::vector<std::string> texts(std::string_view key, std::size_t min_bytes, std::size_t max_bytes,
                                   std::size_t min_count, std::size_t max_count, bool single_ok = true);
    std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t min, std::uint64_t max);
    /// A number x with `accepts(x)`; `rule` says in words what is accepted.
    template <class Accepts>
    std::optional<double> number(std::string_view key, const std::string& rule, Accepts accepts) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        if (const auto x = value->number(); x && accepts(*x)) return *x;
        wrong(key, "be " + rule);
        return std::nullopt;
    }
    std::optional<bool> flag(std::string_view key);
    std::optional<json_node> object(std::string_view key);

    void finish();

private:
    json_node object_;
    json_faults* faults_;
    std::set<std::string_view> known_;
};

}  // namespace qslip
