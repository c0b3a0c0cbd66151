<?php echo '<html>'; ?>
