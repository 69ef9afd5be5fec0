#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/suite.hpp>

#include <cstring>
#include <set>
#include <unordered_set>
#include <variant>

#include "eval/suite_line.hpp"
#include "files/input_file.hpp"
#include "files/sha256.hpp"

namespace qslip {

struct suite::state {
    struct entry {
        std::uint64_t offset;
        std::uint32_t size_bytes, line;
    };
    std::variant<input_file, std::string> source;
    std::string name, digest = {};
    std::vector<entry> entries = {};
    std::vector<std::string> tags = {}, tiers = {};
    std::size_t n_with_task = 0;
    bool has_chat = false;
    qslip::limits limits;

    std::uint64_t size_bytes() const {
        const auto* file = std::get_if<input_file>(&source);
        return file ? file->size_bytes() : std::get_if<std::string>(&source)->size();
    }
    /// `out` has the wanted size.
    status read_at(std::uint64_t offset, std::string& out) const {
        if (const auto* file = std::get_if<input_file>(&source))
            return file->read_at(offset, std::as_writable_bytes(std::span(out)));
        std::memcpy(out.data(), std::get_if<std::string>(&source)->data() + offset, out.size());
        return {};
    }
    std::string where(std::uint32_t line) const { return name + ":" + std::to_string(line); }
};

namespace {

/// One pass over the bytes, a line at a time; remembers lines, tags and ids.
class suite_checker {
public:
    explicit suite_checker(suite::state& s) : s_(s), faults_(s.limits.errors_kept), reader_(s.limits) {}

    status run() {
        const std::uint64_t size = s_.size_bytes();
        std::string chunk;
        for (std::uint64_t at = 0; at < size; at += chunk.size()) {
            chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(1u << 20, size - at)));
            QSLIP_CHECK(s_.read_at(at, chunk));
            hash_.update(std::as_bytes(std::span(chunk)));
            QSLIP_CHECK(feed(chunk));
        }
        QSLIP_CHECK(end_line());
        if (!faults_.empty()) return {errc::schema, faults_.text()};
        if (s_.entries.empty()) return {errc::empty, escaped(s_.name) + ": no items"};
        s_.digest = hash_.hex();
        s_.tags.assign(tags_.begin(), tags_.end());
        s_.tiers.assign(tiers_.begin(), tiers_.end());
        return {};
    }

private:
    status feed(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            line_ += bytes.substr(0, end);
            if (line_.size() > s_.limits.json_bytes)
                return {errc::limit, escaped(s_.where(line_number_)) + ": longer than " +
                                         grouped(s_.limits.json_bytes) + " bytes"};
            if (end == std::string_view::npos) return {};
            QSLIP_CHECK(end_line());
            bytes.remove_prefix(end + 1);
        }
        return {};
    }

    status end_line() {
        if (offset_ == 0 && line_.starts_with("\xEF\xBB\xBF")) {
            line_.erase(0, 3);
            offset_ = 3;
        }
        if (line_.find_first_not_of(" \t\r") != std::string::npos) QSLIP_CHECK(take_item());
        offset_ += line_.size() + 1;
        ++line_number_;
        line_.clear();
        return {};
    }

    status take_item() {
        if (s_.entries.size() >= s_.limits.suite_items)
            return {errc::limit,
                    escaped(s_.name) + ": more than " + grouped(s_.limits.suite_items) + " items"};
        const auto item = read_suite_line(reader_, line_, s_.where(line_number_), s_.limits, faults_);
        s_.entries.push_back({offset_, static_cast<std::uint32_t>(line_.size()), line_number_});
        if (!item.id.empty() && !ids_.insert(item.id).second)
            faults_.add(escaped(s_.where(line_number_)) + ": \"id\" " + qslip::quoted(item.id) +
                        " is already taken by an earlier line");
        tags_.insert(item.tags.begin(), item.tags.end());
        if (!item.how.tier.empty()) tiers_.insert(item.how.tier);
        s_.n_with_task += item.how.type != task_type::none ? 1 : 0;
        s_.has_chat |= item.is_chat;
        return {};
    }

    suite::state& s_;
    json_faults faults_;
    json_reader reader_;
    sha256 hash_;
    std::string line_;
    std::uint64_t offset_ = 0;
    std::uint32_t line_number_ = 1;
    std::unordered_set<std::string> ids_;
    std::set<std::string> tags_, tiers_;
};

}  // namespace

static result<std::shared_ptr<const suite::state>> checked(suite::state&& s) {
    auto shared = std::make_shared<suite::state>(std::move(s));
    QSLIP_CHECK(suite_checker(*shared).run());
    return std::shared_ptr<const suite::state>(std::move(shared));
}

result<suite> suite::load(const std::string& path, const limits& limits) {
    QSLIP_TRY(auto file, input_file::open(path));
    QSLIP_TRY(auto s, checked(state{.source = std::move(file), .name = path, .limits = limits}));
    return suite(std::move(s));
}

result<suite> suite::from_text(std::string jsonl, std::string name, const limits& limits) {
    QSLIP_TRY(auto s, checked(state{.source = std::move(jsonl), .name = std::move(name), .limits = limits}));
    return suite(std::move(s));
}

std::size_t suite::size() const noexcept { return state_->entries.size(); }
const std::string& suite::digest() const noexcept { return state_->digest; }
const std::string& suite::name() const noexcept { return state_->name; }
const std::vector<std::string>& suite::tags() const noexcept { return state_->tags; }
const std::vector<std::string>& suite::tiers() const noexcept { return state_->tiers; }
bool suite::has_chat() const noexcept { return state_->has_chat; }
std::size_t suite::n_with_task() const noexcept { return state_->n_with_task; }

result<suite_item> suite::item(std::size_t i) const {
    const auto& e = state_->entries[i];
    std::string line(e.size_bytes, '\0');
    QSLIP_CHECK(state_->read_at(e.offset, line));
    json_reader reader(state_->limits);
    json_faults faults(1);
    auto item = read_suite_line(reader, line, state_->where(e.line), state_->limits, faults);
    if (!faults.empty())
        return status(errc::changed, faults.text() + " (the file changed after it was checked)");
    return item;
}

status suite::unchanged() const {
    const auto* file = std::get_if<input_file>(&state_->source);
    return file ? file->unchanged() : status{};
}

}  // namespace qslip
