// Merging against the definition, written out.
#include <qslip/detail/core/rng.hpp>

#include <doctest/doctest.h>
#include <map>
#include <string>
#include <vector>

#include "text/tokenizer_bpe.hpp"

using ids = std::vector<std::int32_t>;

/// Random merges over `n_letters` letters: token i spells texts[i], and each merge joins two earlier tokens.
struct random_table {
    std::vector<std::string> texts;
    std::vector<qslip::bpe_merge> merges;

    random_table(std::uint64_t seed, std::uint64_t n_letters, std::size_t n_merges) {
        const qslip::counter_rng rng(seed);
        std::map<std::string, std::int32_t> known;
        std::map<std::pair<std::int32_t, std::int32_t>, bool> used;
        for (std::uint64_t i = 0; i < n_letters; ++i) texts.emplace_back(1, static_cast<char>('a' + i));
        for (std::size_t i = 0; i < texts.size(); ++i) known[texts[i]] = static_cast<std::int32_t>(i);
        for (std::uint64_t draw = 0; merges.size() < n_merges && draw < 20 * n_merges; draw += 2) {
            const auto left = static_cast<std::int32_t>(rng.index_at(draw, texts.size()));
            const auto right = static_cast<std::int32_t>(rng.index_at(draw + 1, texts.size()));
            const auto text = texts[static_cast<std::size_t>(left)] + texts[static_cast<std::size_t>(right)];
            if (text.size() > 12 || used[{left, right}]) continue;
            used[{left, right}] = true;
            const auto [at, is_new] = known.try_emplace(text, static_cast<std::int32_t>(texts.size()));
            if (is_new) texts.push_back(text);
            merges.push_back({left, right, at->second});
        }
    }

    ids word(std::uint64_t seed, std::size_t n, std::uint64_t n_letters) const {
        ids made(n);
        for (std::size_t i = 0; i < n; ++i)
            made[i] = static_cast<std::int32_t>(qslip::counter_rng(seed).index_at(i, n_letters));
        return made;
    }

    /// Sennrich et al. 2016: for the best pair anywhere in the word, the leftmost; again until none.
    ids merged_by_definition(ids word) const {
        for (;;) {
            std::size_t best = merges.size(), where = 0;
            for (std::size_t i = 0; i + 1 < word.size(); ++i)
                for (std::size_t rank = 0; rank < best; ++rank)
                    if (merges[rank].left == word[i] && merges[rank].right == word[i + 1]) {
                        best = rank;
                        where = i;
                    }
            if (best == merges.size()) return word;
            word[where] = merges[best].product;
            word.erase(word.begin() + static_cast<std::ptrdiff_t>(where) + 1);
        }
    }
};

TEST_CASE("bpe: both ways of merging give what the definition gives") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const std::uint64_t n_letters = 1 + seed % 5;
        const random_table table(seed, n_letters, 4 + seed % 37);
        auto merges = qslip::merge_table::create(table.merges, table.texts.size());
        REQUIRE_MESSAGE(merges.ok(), merges.status().message());
        qslip::word_merger merger(*merges);
        for (const std::size_t n : {0u, 1u, 2u, 3u, 5u, 8u, 31u, 32u, 33u, 100u}) {
            CAPTURE(seed);
            CAPTURE(n);
            const ids word = table.word(seed * 1000 + n, n, n_letters),
                      expected = table.merged_by_definition(word);
            ids by_scan = word, by_queue = word, chosen = word;
            merger.merge_by_scan(by_scan);
            merger.merge_by_queue(by_queue);
            REQUIRE(merger.merge(chosen).ok());
            CHECK(by_scan == expected);
            CHECK(by_queue == expected);
            CHECK(chosen == expected);
        }
    }
}

TEST_CASE("bpe: ranks are found, a pair listed twice is refused") {
    const random_table table(7, 4, 40);
    auto merges = qslip::merge_table::create(table.merges, table.texts.size());
    REQUIRE(merges.ok());
    std::size_t n_found = 0;
    const auto n = static_cast<std::int32_t>(table.texts.size());
    for (std::int32_t left = 0; left < n; ++left)
        for (std::int32_t right = 0; right < n; ++right)
            n_found += merges->find(left, right) != qslip::merge_table::none;
    CHECK(n_found == table.merges.size());
    for (std::uint32_t rank = 0; rank < table.merges.size(); ++rank)
        CHECK(merges->find(table.merges[rank].left, table.merges[rank].right) == rank);

    auto twice = table.merges;
    twice.push_back(twice[3]);
    const auto refused = qslip::merge_table::create(twice, table.texts.size());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.status().code() == qslip::errc::format);
    CHECK(std::string(refused.status().message()) == "merges 3 and 40 join the same pair");
}
