namespace Tidemark.Interop.Linux;

/// <summary>Constants of linux/io_uring.h, names verbatim.</summary>
public static class IoUring
{
    public const byte IORING_OP_READ_FIXED = 4;
    public const byte IORING_OP_WRITE_FIXED = 5;
    public const byte IORING_OP_READ = 22;
    public const byte IORING_OP_WRITE = 23;

    /// <summary>Completions don't interrupt the thread; it picks them up when it enters the kernel (5.19).</summary>
    public const uint IORING_SETUP_COOP_TASKRUN = 1u << 8;

    /// <summary>Only one thread submits (6.0).</summary>
    public const uint IORING_SETUP_SINGLE_ISSUER = 1u << 12;

    /// <summary>Completion work waits until the submitting thread asks for completions (6.1).</summary>
    public const uint IORING_SETUP_DEFER_TASKRUN = 1u << 13;

    /// <summary>The ring starts disabled; the thread that enables it becomes its single issuer.</summary>
    public const uint IORING_SETUP_R_DISABLED = 1u << 6;

    public const uint IORING_FEAT_SINGLE_MMAP = 1u << 0;
    public const uint IORING_FEAT_NODROP = 1u << 1;

    /// <summary>Came with 5.6, as IORING_OP_READ and IORING_OP_WRITE did.</summary>
    public const uint IORING_FEAT_RW_CUR_POS = 1u << 3;

    public const uint IORING_ENTER_GETEVENTS = 1u << 0;

    public const uint IORING_REGISTER_BUFFERS = 0;
    public const uint IORING_UNREGISTER_BUFFERS = 1;
    public const uint IORING_REGISTER_ENABLE_RINGS = 12;

    public const nint IORING_OFF_SQ_RING = 0;
    public const nint IORING_OFF_SQES = 0x10000000;
}
