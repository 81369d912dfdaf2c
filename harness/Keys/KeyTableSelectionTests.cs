using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Xunit;

namespace Tidemark.Harness.Keys;

public class KeyTableSelectionTests
{
    private static readonly Guid Other = Guid.Parse("00000000-0000-4000-8000-000000000001");

    private readonly MemoryFolder folder = new();

    [Fact]
    public void Without_key_files_the_newest_header_counts()
    {
        var selection = Select(Table(1), Table(3), Table(2));
        Assert.Equal(3u, selection.Table.Generation);
        Assert.Null(selection.FileName);
        Assert.False(selection.IsFallback);
        Assert.Empty(selection.Findings);
    }

    [Fact]
    public void The_highest_generation_of_files_and_headers_counts()
    {
        Put(2);
        Put(10);
        Put(9);
        var selection = Select(Table(1));
        Assert.Equal(10u, selection.Table.Generation);
        Assert.Equal("keys-000010.tdk", selection.FileName);
        Assert.False(selection.IsFallback);
        Assert.Empty(selection.Findings);
        Assert.Equal(11u, Select(Table(1), Table(11)).Table.Generation);
    }

    [Fact]
    public void A_damaged_newest_file_is_named_and_the_next_is_a_fallback()
    {
        Put(2);
        Put(3);
        folder.Files["keys-000003.tdk"][500] ^= 1;
        var selection = Select(Table(1));
        Assert.Equal(2u, selection.Table.Generation);
        Assert.True(selection.IsFallback);
        Assert.Equal("keys-000003.tdk", Assert.Single(selection.Findings).FileName);
    }

    [Fact]
    public void A_damaged_newest_file_whose_keys_a_header_has_too_is_named_and_no_fallback()
    {
        Put(3);
        folder.Files["keys-000003.tdk"][500] ^= 1;
        var selection = Select(Table(1), Table(3));
        Assert.Equal(3u, selection.Table.Generation);
        Assert.Null(selection.FileName);
        Assert.False(selection.IsFallback);
        Assert.Single(selection.Findings);
        Assert.True(Select(Table(1)).IsFallback);
    }

    [Fact]
    public void A_file_of_another_chain_is_named_and_not_used()
    {
        folder.Files["keys-000005.tdk"] = TestKeys.Table(Other, "ebb").WithGeneration(5).FileBytes();
        var selection = Select(Table(1));
        Assert.Equal(1u, selection.Table.Generation);
        Assert.True(selection.IsFallback);
        Assert.Contains(Other.ToString(), Assert.Single(selection.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_of_another_chain_is_named_and_not_used()
    {
        var selection = Select(TestKeys.Table(Other, "ebb").WithGeneration(7), Table(1));
        Assert.Equal(1u, selection.Table.Generation);
        Assert.Single(selection.Findings);
    }

    [Fact]
    public void Different_keys_of_one_generation_are_named_and_those_of_the_file_used()
    {
        Put(2);
        var selection = Select(TestKeys.Table("flood").WithGeneration(2));
        Assert.Equal("keys-000002.tdk", selection.FileName);
        Assert.False(selection.IsFallback);
        Assert.Single(selection.Findings);
    }

    [Fact]
    public void Nothing_whole_is_damage_and_names_the_newest_file()
    {
        TestKeys.Fails(TidemarkError.Damaged, () => Select());
        Put(2);
        Put(3);
        folder.Files["keys-000002.tdk"][500] ^= 1;
        folder.Files["keys-000003.tdk"][500] ^= 1;
        var error = TestKeys.Fails(TidemarkError.Damaged, () => Select());
        Assert.Contains("keys-000003.tdk", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_full_of_damaged_files_is_given_up()
    {
        for (var generation = 100u; generation < 300; generation++)
        {
            folder.Files[KeyTableFile.NameOf(generation)] = [];
        }

        Put(2);
        TestKeys.Fails(TidemarkError.Damaged, () => Select());
        var selection = Select(Table(1));
        Assert.Equal(1u, selection.Table.Generation);
        Assert.Equal(KeyTableSelection.MaxDamagedFiles, selection.Findings.Count);
    }

    [Fact]
    public void A_changed_password_counts_from_the_next_selection_on()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        using var flood = TestKeys.Passphrase("flood");
        var header = TestKeys.Table();
        KeyTableFile.Write(
            folder, KeyOperations.ChangeKey(Select(header).Table, ebb, flood, "chain", TestKeys.Random(2), TestKeys.Cheap));
        var selected = Select(header).Table;
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(selected, ebb, "chain"));
        using var before = KeyOperations.Unlock(header, ebb, "chain");
        using var after = KeyOperations.Unlock(selected, flood, "chain");
        Assert.True(KeyOperations.HaveSameDataKey(before, after));
    }

    private static KeySlotTable Table(uint generation) => TestKeys.Table().WithGeneration(generation);

    private void Put(uint generation) => folder.Files[KeyTableFile.NameOf(generation)] = Table(generation).FileBytes();

    private KeyTableSelection Select(params KeySlotTable[] headers) =>
        KeyTableSelection.Select(folder, TestKeys.ChainId, headers);
}
