using System.Diagnostics;
using System.Runtime.InteropServices;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;
using Tidemark.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>
/// The queue of Windows: overlapped transfers, reaped in batches from a completion port. The OVERLAPPED structures lie
/// in memory of their own, since the kernel writes to them.
/// </summary>
internal sealed unsafe class OverlappedIoQueue : IoQueue
{
    /// <summary>
    /// A call that the system refuses for want of memory is made again so many times, a millisecond apart: transfers in
    /// flight pin their pages, and give them back as they end.
    /// </summary>
    private const int MaxRetries = 1000;

    private readonly OverlappedFile file;
    private readonly bool ownsFile;
    private readonly KernelHandle port;
    private readonly HANDLE portHandle;
    private readonly HANDLE direct;
    private readonly HANDLE buffered;
    private readonly AlignedMemory memory;
    private readonly AlignedMemory control;
    private readonly OVERLAPPED* overlapped;
    private readonly OVERLAPPED_ENTRY* entries;
    private readonly FileTransfer[] transfers;
    private readonly SlotRing ready;
    private int inKernel;
    private int inFlight;
    private bool disposed;

    private OverlappedIoQueue(OverlappedFile file, bool ownsFile, KernelHandle port, IoQueueOptions options)
    {
        this.file = file;
        this.ownsFile = ownsFile;
        this.port = port;
        Depth = options.Depth;
        BufferSize = options.BufferSize;
        transfers = new FileTransfer[Depth];
        ready = new SlotRing(Depth);
        memory = new AlignedMemory((nuint)Depth * (nuint)BufferSize);
        control = new AlignedMemory((nuint)Depth * (nuint)(sizeof(OVERLAPPED) + sizeof(OVERLAPPED_ENTRY)));
        overlapped = (OVERLAPPED*)control.Pointer;
        entries = (OVERLAPPED_ENTRY*)(overlapped + Depth);

        // The bare handles go into the calls, so they are held open for the queue's life.
        var held = false;
        port.DangerousAddRef(ref held);
        file.Buffered.DangerousAddRef(ref held);
        file.Direct?.DangerousAddRef(ref held);
        portHandle = (HANDLE)port.DangerousGetHandle();
        buffered = (HANDLE)file.Buffered.DangerousGetHandle();
        direct = (HANDLE)(file.Direct?.DangerousGetHandle() ?? 0);
    }

    public override string Kind => "overlapped";

    public override int Depth { get; }

    public override int BufferSize { get; }

    public override int InFlight => inFlight;

    /// <summary>Opens a queue on a file, which must stay open as long; null with the error code where that is refused.</summary>
    public static OverlappedIoQueue? TryOpen(OverlappedFile file, IoQueueOptions options, out int error)
    {
        options.Check();
        var port = file.TryTakePort(out error);
        if (port is not null)
        {
            return new OverlappedIoQueue(file, ownsFile: false, port, options);
        }

        // Another queue has the port, and with it the handles.
        var again = error == 0 ? file.TryOpenAgain() : null;
        port = again?.TryTakePort(out error);
        if (port is null)
        {
            error = error == 0 ? ERROR.ERROR_NOT_SUPPORTED : error;
            again?.Dispose();
            return null;
        }

        return new OverlappedIoQueue(again!, ownsFile: true, port, options);
    }

    public override Span<byte> Buffer(int slot) => memory.Slice((nuint)slot * (nuint)BufferSize, BufferSize);

    public override void SubmitRead(int slot, long offset, int length) => Submit(slot, offset, length, write: false);

    public override void SubmitWrite(int slot, long offset, int length) => Submit(slot, offset, length, write: true);

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(!disposed);
        Debug.Assert(completions.Length > 0);
        var taken = TakeReady(completions);
        while (taken < completions.Length && inKernel > 0)
        {
            var room = (uint)Math.Min(completions.Length - taken, Depth);
            uint removed = 0;
            if (!GetQueuedCompletionStatusEx(portHandle, entries, room, &removed, wait && taken == 0 ? INFINITE : 0, false))
            {
                var error = Marshal.GetLastSystemError();
                if (error == WAIT.WAIT_TIMEOUT)
                {
                    break;
                }

                throw TidemarkException.Failed(
                    $"GetQueuedCompletionStatusEx failed: {WindowsFileCalls.Reason(error)}. " +
                    $"Set {FileIoQueue.Switch}=pread and run again.");
            }

            for (var i = 0u; i < removed; i++)
            {
                Take(in entries[i]);
            }

            taken += TakeReady(completions[taken..]);
            if (taken > 0 || !wait)
            {
                break;
            }
        }

        inFlight -= taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed)
        {
            return;
        }

        // Reads needn't end well any more; writes are waited for. Either way the kernel is done with the memory then.
        for (var slot = 0; slot < Depth; slot++)
        {
            if (transfers[slot] is { Busy: true, IsWrite: false })
            {
                _ = CancelIoEx(buffered, overlapped + slot);
                if (direct != buffered && direct != HANDLE.NULL)
                {
                    _ = CancelIoEx(direct, overlapped + slot);
                }
            }
        }

        Span<IoCompletion> rest = stackalloc IoCompletion[16];
        while (inFlight > 0)
        {
            Reap(rest, wait: true);
        }

        disposed = true;
        file.Direct?.DangerousRelease();
        file.Buffered.DangerousRelease();
        port.DangerousRelease();
        file.ReturnPort();
        if (ownsFile)
        {
            file.Dispose();
        }

        control.Dispose();
        memory.Dispose();
    }

    private static bool IsTransient(int error) => error is ERROR.ERROR_NO_SYSTEM_RESOURCES or ERROR.ERROR_WORKING_SET_QUOTA
        or ERROR.ERROR_NOT_ENOUGH_QUOTA or ERROR.ERROR_INVALID_USER_BUFFER or ERROR.ERROR_NOT_ENOUGH_MEMORY;

    private void Submit(int slot, long offset, int length, bool write)
    {
        Debug.Assert(!disposed);
        Debug.Assert(length <= BufferSize);
        transfers[slot].Start(offset, length, write);
        inFlight++;
        Issue(slot);
    }

    private void Issue(int slot)
    {
        ref var transfer = ref transfers[slot];
        var isDirect = transfer.NextIsDirect(file, BufferSize, out var count);
        Debug.Assert(isDirect || !file.IsDevice, "transfers of devices are aligned");
        var position = transfer.Offset + transfer.Done;
        var buffer = memory.Pointer + ((nuint)slot * (nuint)BufferSize) + (nuint)transfer.Done;
        var handle = isDirect ? direct : buffered;
        var state = overlapped + slot;
        for (var attempt = 1; ; attempt++)
        {
            *state = default;
            state->Offset = (uint)position;
            state->OffsetHigh = (uint)(position >> 32);
            var started = transfer.IsWrite
                ? WriteFile(handle, buffer, (uint)count, null, state)
                : ReadFile(handle, buffer, (uint)count, null, state);
            var error = started ? ERROR.ERROR_IO_PENDING : Marshal.GetLastSystemError();
            if (error == ERROR.ERROR_IO_PENDING)
            {
                // What ended at once comes through the port all the same.
                inKernel++;
                return;
            }

            if (IsTransient(error) && attempt < MaxRetries)
            {
                Thread.Sleep(1);
                continue;
            }

            // Nothing comes through the port for a call that was refused.
            if (!transfer.EndedOverlapped(-error, file))
            {
                Issue(slot);
                return;
            }

            ready.Put(slot);
            return;
        }
    }

    private void Take(in OVERLAPPED_ENTRY entry)
    {
        var slot = (int)(entry.lpOverlapped - overlapped);
        Debug.Assert(slot >= 0 && slot < Depth);
        inKernel--;
        long result = entry.dwNumberOfBytesTransferred;
        if (entry.lpOverlapped->Internal != 0)
        {
            // Not the status of a success; this call puts it into an error code and waits for nothing.
            uint moved = 0;
            result = GetOverlappedResult(buffered, entry.lpOverlapped, &moved, false) ? moved : -Marshal.GetLastSystemError();
        }

        if (transfers[slot].EndedOverlapped(result, file))
        {
            ready.Put(slot);
        }
        else
        {
            Issue(slot);
        }
    }

    private int TakeReady(Span<IoCompletion> completions)
    {
        var taken = 0;
        while (taken < completions.Length && ready.Count > 0)
        {
            var slot = ready.Take();
            completions[taken++] = transfers[slot].Finish(slot);
        }

        return taken;
    }
}
