import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.swing.JFrame;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;
import javax.swing.Timer;

/** Shows a text area of Swing and writes its text to a file: java SwingField.java FILE. */
public class SwingField {
    private static final int INTERVAL_MS = 50;

    private static String written;

    public static void main(String[] args) {
        SwingUtilities.invokeLater(() -> show(Path.of(args[0])));
    }

    private static void show(Path file) {
        JTextArea area = new JTextArea();
        JFrame frame = new JFrame("typing");
        frame.add(new JScrollPane(area));
        frame.setSize(600, 400);
        frame.setDefaultCloseOperation(JFrame.EXIT_ON_CLOSE);
        frame.setVisible(true);
        area.requestFocusInWindow();
        new Timer(INTERVAL_MS, event -> write(file, area.getText())).start();
    }

    private static void write(Path file, String text) {
        if (text.equals(written)) return;
        try {
            Path next = Path.of(file + ".new");
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            written = text;
        } catch (java.io.IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }
}
