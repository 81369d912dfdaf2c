using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>Words for the errors of a store's files: what happened, to what, and what to do next.</summary>
internal static class WindowsStoreError
{
    /// <param name="verb">What was tried: "write", "open".</param>
    /// <param name="path">To what.</param>
    /// <param name="error">The error code.</param>
    public static TidemarkException For(string verb, string path, int error)
    {
        var kind = error switch
        {
            // A file that the chain knows is missing, or its medium fails: both are damage of the store.
            ERROR.ERROR_FILE_NOT_FOUND or ERROR.ERROR_PATH_NOT_FOUND or ERROR.ERROR_CRC or ERROR.ERROR_IO_DEVICE
                or ERROR.ERROR_FILE_CORRUPT or ERROR.ERROR_DISK_CORRUPT => TidemarkError.Damaged,
            _ => TidemarkError.Failed,
        };
        return new TidemarkException(
            kind, $"Could not {verb} {path}: {WindowsFileCalls.Reason(error)}. "
                + $"{(error is ERROR.ERROR_DISK_FULL or ERROR.ERROR_HANDLE_DISK_FULL ? StoreRoom.Free(path) : "")}{Advice(error)}");
    }

    private static string Advice(int error) => error switch
    {
        ERROR.ERROR_DISK_FULL or ERROR.ERROR_HANDLE_DISK_FULL =>
            "A dry run says how much an image takes. Make room in the store, or choose another one, and run again.",
        ERROR.ERROR_DISK_QUOTA_EXCEEDED => "The quota is used up: raise it, or make room, and run again.",
        ERROR.ERROR_FILE_TOO_LARGE or ERROR.ERROR_FILE_SYSTEM_LIMITATION =>
            "The file system has no files as large: split images into parts and run again.",
        ERROR.ERROR_CRC or ERROR.ERROR_IO_DEVICE => "The medium fails: check it, and look into the system's log.",
        ERROR.ERROR_FILE_CORRUPT or ERROR.ERROR_DISK_CORRUPT => "The file system is damaged: check it (chkdsk).",
        ERROR.ERROR_WRITE_PROTECT => "The volume is read-only: choose another store.",
        ERROR.ERROR_ACCESS_DENIED => "Run as a user who may do that, or change the permissions.",
        ERROR.ERROR_SHARING_VIOLATION or ERROR.ERROR_LOCK_VIOLATION =>
            "Another program has it open, a virus scanner perhaps: run again, and keep that program out of the store.",
        ERROR.ERROR_DELETE_PENDING => "It was deleted while another program has it open: close that, and run again.",
        ERROR.ERROR_FILE_NOT_FOUND or ERROR.ERROR_PATH_NOT_FOUND =>
            "Check that the store is complete and that nobody else changes it.",
        ERROR.ERROR_FILE_EXISTS or ERROR.ERROR_ALREADY_EXISTS => "Look at what is there, and remove it if it isn't needed.",
        ERROR.ERROR_NOT_READY => "The drive has no medium: put it in, and run again.",
        _ => "Check the store and run again.",
    };
}
