#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/suite.hpp>

#include <set>
#include <unordered_set>

#include "core/arena.hpp"
#include "eval/suite_line.hpp"
#include "files/input_file.hpp"
#include "files/sha256.hpp"

namespace qslip {

struct suite::state {
    /// Texts lie in `texts`; names that recur are kept once, in the sets.
    struct entry {
        std::string_view id, content;
        const std::vector<std::string>* tags;
        const std::string *language, *category;
        const qslip::judge* judge;
        std::uint64_t cluster;
        std::uint32_t max_tokens;
        bool is_text, is_chat;
    };
    std::string name, digest = {};
    std::optional<input_file> file = {};
    arena<char> texts = {};
    std::vector<entry> entries = {};
    std::set<std::vector<std::string>> tag_lists = {};
    std::set<std::string> names = {};
    std::vector<std::unique_ptr<const qslip::judge>> judges = {};
    std::vector<std::string> tags = {};
    std::vector<complexity_class> complexity_classes = {};
    std::size_t n_with_task = 0;
    bool has_chat = false;

    std::string_view keep(std::string_view text) {
        const auto kept = texts.add(text);
        return {kept.data(), kept.size()};
    }

    void add(suite_line&& line) {
        entries.push_back({keep(line.id), keep(line.content), &*tag_lists.insert(std::move(line.tags)).first,
                           &*names.insert(std::move(line.language)).first,
                           &*names.insert(std::move(line.category)).first, line.judge, line.cluster,
                           line.max_tokens, line.is_text, line.is_chat});
        n_with_task += line.judge != nullptr ? 1 : 0;
        has_chat |= line.is_chat;
    }

    /// What follows from all entries.
    void summarize() {
        std::set<std::string> all_tags;
        for (const auto& list : tag_lists) all_tags.insert(list.begin(), list.end());
        tags.assign(all_tags.begin(), all_tags.end());
        std::set<complexity_class> classes;
        for (const auto& judge : judges)
            if (const auto complexity = judge->complexity()) classes.insert(class_of(*complexity));
        complexity_classes.assign(classes.begin(), classes.end());
    }
};

namespace {

/// One pass over the bytes of a suite, a line at a time.
class suite_reader {
public:
    suite_reader(suite::state& s, const limits& limits)
        : s_(s), limits_(limits), faults_(limits.errors_kept), lines_(limits, faults_) {}

    /// The next bytes, in any pieces.
    status feed(std::string_view bytes) {
        hash_.update(std::as_bytes(std::span(bytes)));
        for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
            QSLIP_CHECK(extend_line(bytes.substr(0, end)));
            QSLIP_CHECK(end_line());
            bytes.remove_prefix(end + 1);
        }
        return extend_line(bytes);
    }

    status finish() {
        QSLIP_CHECK(end_line());
        if (!faults_.empty()) return {errc::schema, faults_.text()};
        if (s_.entries.empty()) return {errc::empty, escaped(s_.name) + ": no items"};
        s_.digest = hash_.hex();
        s_.judges = lines_.judges().release();
        s_.summarize();
        return {};
    }

private:
    std::string where() const { return s_.name + ":" + std::to_string(line_number_); }

    status extend_line(std::string_view bytes) {
        line_ += bytes;
        if (line_.size() <= limits_.json_bytes) return {};
        return {errc::limit, escaped(where()) + ": longer than " + grouped(limits_.json_bytes) + " bytes"};
    }

    status end_line() {
        if (line_number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
        if (line_.find_first_not_of(" \t\r") != std::string::npos) QSLIP_CHECK(take_item());
        ++line_number_;
        line_.clear();
        return {};
    }

    status take_item() {
        if (s_.entries.size() >= limits_.suite_items)
            return {errc::limit, escaped(s_.name) + ": more than " + grouped(limits_.suite_items) + " items"};
        auto line = lines_.read(line_, where());
        if (!line.id.empty() && !ids_.insert(line.id).second)
            faults_.add(escaped(where()) + ": \"id\" " + qslip::quoted(line.id) +
                        " is already taken by an earlier line");
        s_.add(std::move(line));
        return {};
    }

    suite::state& s_;
    const limits& limits_;
    json_faults faults_;
    suite_line_reader lines_;
    sha256 hash_;
    std::string line_;
    std::uint32_t line_number_ = 1;
    std::unordered_set<std::string> ids_;
};

status read_file(const input_file& file, suite_reader& reader) {
    constexpr std::uint64_t chunk_bytes = 1u << 20;
    std::string chunk;
    for (std::uint64_t at = 0; at < file.size_bytes(); at += chunk.size()) {
        chunk.resize(static_cast<std::size_t>(std::min(chunk_bytes, file.size_bytes() - at)));
        QSLIP_CHECK(file.read_at(at, std::as_writable_bytes(std::span(chunk))));
        QSLIP_CHECK(reader.feed(chunk));
    }
    return reader.finish();
}

}  // namespace

result<suite> suite::load(const std::string& path, const limits& limits) {
    auto s = std::make_shared<state>(state{.name = path});
    QSLIP_TRY(s->file, input_file::open(path));
    suite_reader reader(*s, limits);
    QSLIP_CHECK(read_file(*s->file, reader));
    return suite(std::move(s));
}

result<suite> suite::from_text(std::string_view jsonl, std::string name, const limits& limits) {
    auto s = std::make_shared<state>(state{.name = std::move(name)});
    suite_reader reader(*s, limits);
    QSLIP_CHECK(reader.feed(jsonl));
    QSLIP_CHECK(reader.finish());
    return suite(std::move(s));
}

std::size_t suite::size() const noexcept { return state_->entries.size(); }
const std::string& suite::digest() const noexcept { return state_->digest; }
const std::string& suite::name() const noexcept { return state_->name; }
const std::vector<std::string>& suite::tags() const noexcept { return state_->tags; }
const std::vector<complexity_class>& suite::complexity_classes() const noexcept {
    return state_->complexity_classes;
}
bool suite::has_chat() const noexcept { return state_->has_chat; }
std::size_t suite::n_with_task() const noexcept { return state_->n_with_task; }

suite_item suite::item(std::size_t i) const {
    const auto& e = state_->entries[i];
    return {e.id,    e.content,    e.tags,      e.is_text,   e.is_chat,
            e.judge, e.max_tokens, *e.language, *e.category, e.cluster};
}

std::optional<schema::complexity> suite_item::complexity() const {
    return judge == nullptr ? std::nullopt : judge->complexity();
}

status suite::unchanged() const { return state_->file ? state_->file->unchanged() : status{}; }

}  // namespace qslip
