using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Xunit;

namespace Tidemark.Harness.Keys;

public class KeyOperationsTests
{
    [Fact]
    public void The_right_passphrase_opens_a_chain_at_the_default_cost()
    {
        using var source = TestKeys.Passphrase("spring tide");
        var (table, keys) = KeyOperations.CreateTable(TestKeys.ChainId, source, SystemRandomSource.Instance);
        using (keys)
        {
            Assert.Equal(Argon2Cost.Default, table.Slots[0].Cost);
            using var again = KeyOperations.Unlock(table, source, "chain");
            Assert.True(KeyOperations.HaveSameDataKey(keys, again));
        }
    }

    [Theory]
    [InlineData("Ebb")]
    [InlineData("ebb ")]
    [InlineData("eb")]
    [InlineData("ebb\0")]
    public void A_wrong_passphrase_is_a_key_error(string wrong)
    {
        using var source = TestKeys.Passphrase(wrong);
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(TestKeys.Table(), source, "chain"));
    }

    [Fact]
    public void A_wrong_key_file_is_a_key_error()
    {
        using var right = TestKeys.KeyFile(1);
        using var wrong = TestKeys.KeyFile(2);
        var (table, keys) = KeyOperations.CreateTable(TestKeys.ChainId, right, TestKeys.Random(), TestKeys.Cheap);
        keys.Dispose();
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(table, wrong, "chain"));
        KeyOperations.Unlock(table, right, "chain").Dispose();
    }

    [Fact]
    public void A_missing_key_and_a_key_of_the_wrong_kind_say_what_to_give()
    {
        using var key = TestKeys.KeyFile(1);
        var missing = TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(TestKeys.Table(), null, "chain"));
        Assert.Contains("passphrase file", missing.Message, StringComparison.Ordinal);
        var kind = TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(TestKeys.Table(), key, "chain"));
        Assert.Contains("passphrase file", kind.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_of_a_passphrase_dont_open_a_key_file_slot()
    {
        var bytes = Enumerable.Repeat((byte)'x', 64).ToArray();
        using var key = KeySource.FromKey(bytes);
        using var passphrase = KeySource.FromPassphrase(bytes);
        var (table, keys) = KeyOperations.CreateTable(TestKeys.ChainId, key, TestKeys.Random(), TestKeys.Cheap);
        keys.Dispose();
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(table, passphrase, "chain"));
    }

    [Fact]
    public void A_slot_of_another_chain_doesnt_open()
    {
        using var source = TestKeys.Passphrase("ebb");
        var table = TestKeys.Table();
        var moved = new KeySlotTable(Guid.Parse("00000000-0000-4000-8000-000000000001"), 1, table.Slots);
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(moved, source, "chain"));
    }

    [Fact]
    public void After_a_change_only_the_new_key_opens_the_new_table_and_the_data_key_is_the_same()
    {
        using var old = TestKeys.Passphrase("ebb");
        using var replacement = TestKeys.Passphrase("flood");
        var table = TestKeys.Table();
        var changed = KeyOperations.ChangeKey(table, old, replacement, "chain", TestKeys.Random(2), TestKeys.Cheap);
        Assert.Equal(2u, changed.Generation);
        Assert.Equal(1, changed.Slots.Length);
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(changed, old, "chain"));
        using var before = KeyOperations.Unlock(table, old, "chain");
        using var after = KeyOperations.Unlock(changed, replacement, "chain");
        Assert.True(KeyOperations.HaveSameDataKey(before, after));
        Assert.NotEqual(table.Slots[0].Salt.ToArray(), changed.Slots[0].Salt.ToArray());
        Assert.NotEqual(table.Slots[0].Nonce.ToArray(), changed.Slots[0].Nonce.ToArray());
    }

    [Fact]
    public void A_change_needs_the_old_key_and_leaves_other_keys_alone()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        using var flood = TestKeys.Passphrase("flood");
        using var key = TestKeys.KeyFile(1);
        var table = KeyOperations.AddKey(TestKeys.Table(), ebb, key, "chain", TestKeys.Random(2), TestKeys.Cheap);
        TestKeys.Fails(
            TidemarkError.Key,
            () => KeyOperations.ChangeKey(table, flood, flood, "chain", TestKeys.Random(3), TestKeys.Cheap));

        var changed = KeyOperations.ChangeKey(table, ebb, flood, "chain", TestKeys.Random(3), TestKeys.Cheap);
        KeyOperations.Unlock(changed, key, "chain").Dispose();
        KeyOperations.Unlock(changed, flood, "chain").Dispose();
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(changed, ebb, "chain"));
    }

    [Fact]
    public void Eight_keys_open_one_chain_and_a_ninth_is_refused()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        var table = TestKeys.Table();
        var random = TestKeys.Random(2);
        for (byte i = 2; i <= KeySlotTable.MaxSlots; i++)
        {
            using var added = TestKeys.KeyFile(i);
            table = KeyOperations.AddKey(table, ebb, added, "chain", random, TestKeys.Cheap);
        }

        table = KeySlotTable.Read(table.Bytes(), "test");
        for (byte i = 2; i <= KeySlotTable.MaxSlots; i++)
        {
            using var added = TestKeys.KeyFile(i);
            KeyOperations.Unlock(table, added, "chain", out var slot).Dispose();
            Assert.Equal(i, slot.Id);
        }

        using var ninth = TestKeys.KeyFile(9);
        TestKeys.Fails(
            TidemarkError.WrongUse, () => KeyOperations.AddKey(table, ebb, ninth, "chain", random, TestKeys.Cheap));
    }

    [Fact]
    public void A_key_is_removed_only_by_one_that_remains()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        using var key = TestKeys.KeyFile(1);
        var table = KeyOperations.AddKey(TestKeys.Table(), ebb, key, "chain", TestKeys.Random(2), TestKeys.Cheap);
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.RemoveKey(table, key, 2, "chain"));
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.RemoveKey(table, null, 2, "chain"));
        TestKeys.Fails(TidemarkError.WrongUse, () => KeyOperations.RemoveKey(table, key, 3, "chain"));

        var removed = KeyOperations.RemoveKey(table, key, 1, "chain");
        Assert.Equal(3u, removed.Generation);
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(removed, ebb, "chain"));
        KeyOperations.Unlock(removed, key, "chain").Dispose();
        TestKeys.Fails(TidemarkError.WrongUse, () => KeyOperations.RemoveKey(removed, key, 2, "chain"));
    }

    [Fact]
    public void The_id_of_a_removed_key_is_given_again()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        using var key = TestKeys.KeyFile(1);
        var table = KeyOperations.AddKey(TestKeys.Table(), ebb, key, "chain", TestKeys.Random(2), TestKeys.Cheap);
        table = KeyOperations.RemoveKey(table, key, 1, "chain");
        table = KeyOperations.AddKey(table, key, ebb, "chain", TestKeys.Random(3), TestKeys.Cheap);
        Assert.Equal([2, 1], table.Slots.ToArray().Select(slot => (int)slot.Id));
        KeyOperations.Unlock(KeySlotTable.Read(table.Bytes(), "test"), ebb, "chain").Dispose();
    }

    [Fact]
    public void A_cost_out_of_bounds_and_a_generation_too_many_are_refused()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        TestKeys.Fails(
            TidemarkError.WrongUse,
            () => KeyOperations.CreateTable(TestKeys.ChainId, ebb, TestKeys.Random(), new Argon2Cost(Argon2Cost.MaxMemoryKiB + 1, 1, 1)));
        var last = TestKeys.Table().WithGeneration(KeySlotTable.MaxGeneration);
        TestKeys.Fails(
            TidemarkError.Failed, () => KeyOperations.ChangeKey(last, ebb, ebb, "chain", TestKeys.Random(2), TestKeys.Cheap));
    }

    [Fact]
    public void Every_chain_gets_a_data_key_of_its_own()
    {
        using var source = TestKeys.Passphrase("ebb");
        var (_, one) = KeyOperations.CreateTable(TestKeys.ChainId, source, SystemRandomSource.Instance, TestKeys.Cheap);
        var (_, other) = KeyOperations.CreateTable(TestKeys.ChainId, source, SystemRandomSource.Instance, TestKeys.Cheap);
        Assert.False(KeyOperations.HaveSameDataKey(one, other));
        one.Dispose();
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => one.CreateCipher(Guid.Empty));
    }
}
